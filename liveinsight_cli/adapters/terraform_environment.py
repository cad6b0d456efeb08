"""The environment that terraform gets: AWS as the chosen target has it, and nothing that would spoil its stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# What would add arguments, write words into the stream, ask questions or move the working files.
DISTURBING = ("TF_CLI_ARGS", "TF_LOG", "TF_VAR_", "TF_REATTACH_PROVIDERS")
DISTURBING_EXACTLY = frozenset({"TF_INPUT", "TF_WORKSPACE", "TF_DATA_DIR", "TF_IN_AUTOMATION"})
STATIC_CREDENTIALS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
FIXED = {
    "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    "TF_REGISTRY_CLIENT_TIMEOUT": "10",
    "TF_REGISTRY_DISCOVERY_RETRY": "1",
}


@dataclass(frozen=True)
class Target:
    """Where the stack goes. With `endpoint_url` that is the embedded AWS."""

    region: str
    profile: str | None = None
    endpoint_url: str | None = None


def basic_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment without what would disturb terraform."""
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith(DISTURBING) and name not in DISTURBING_EXACTLY
    }
    configuration = kept.get("TF_CLI_CONFIG_FILE")
    if configuration and not Path(configuration).is_file():
        del kept["TF_CLI_CONFIG_FILE"]  # terraform would warn in words and go on without it
    return kept | FIXED


def terraform_environment(variables: Mapping[str, str], target: Target) -> dict[str, str]:
    """Return the environment of a run against `target`."""
    environment = basic_environment(variables)
    if target.endpoint_url is not None:
        environment = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
        return environment | {
            "AWS_ENDPOINT_URL": target.endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": target.region,
            "AWS_DEFAULT_REGION": target.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }
    environment |= {"AWS_REGION": target.region, "AWS_DEFAULT_REGION": target.region}
    if target.profile is not None:  # a profile that was asked for beats keys that happen to be around
        for name in STATIC_CREDENTIALS & environment.keys():
            del environment[name]
        environment["AWS_PROFILE"] = target.profile
    return environment

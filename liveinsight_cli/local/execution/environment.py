"""The environment variables of a worker: those of the function, those AWS sets, and nothing of the user's."""

from pathlib import Path

from liveinsight_cli.local.execution.deployed import Deployed, Place

APPLICATION_LEVELS = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}  # names that Python's logging knows differently


def worker_environment(
    deployed: Deployed, place: Place, log_stream: str, task_root: Path, libraries: Path
) -> dict[str, str]:
    """What the process starts with; AWS's own variables win, as they cannot be set on AWS."""
    environment = {
        **deployed.environment,
        "AWS_ACCESS_KEY_ID": place.access_key,
        "AWS_SECRET_ACCESS_KEY": place.secret_key,
        "AWS_SESSION_TOKEN": "embedded",
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        "AWS_ENDPOINT_URL": place.endpoint_url,
        # Without these boto3 would read the files in the user's home directory.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "HOME": "/tmp",  # noqa: S108 (the one writable place on Lambda)
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{deployed.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": deployed.name,
        "AWS_LAMBDA_FUNCTION_VERSION": deployed.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(deployed.memory_mb),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": deployed.logging.group,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "LAMBDA_TASK_ROOT": str(task_root),
        "LAMBDA_RUNTIME_DIR": str(libraries),
        "PYTHONPATH": f"{task_root}:{libraries}",
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONUTF8": "1",  # the locale above may not be installed here
        "TZ": ":UTC",
        "_HANDLER": deployed.handler,
    }
    if deployed.logging.format == "JSON":
        level = deployed.logging.application_level
        environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        environment["AWS_LAMBDA_LOG_LEVEL"] = APPLICATION_LEVELS.get(level, level)
    return environment

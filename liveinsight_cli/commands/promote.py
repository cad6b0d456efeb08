"""`liveinsight promote`; it shares all but its versions with `rollback`."""

from liveinsight_cli.commands.rollback import promote

__all__ = ["promote"]

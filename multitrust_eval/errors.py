"""What a user is told: one clear sentence, no traceback, and an exit code."""


class UserError(Exception):
    """Something the user can put right. The message is one sentence that says what is wrong and what to do."""

    exit_code = 1


class UsageError(UserError):
    """The command itself is wrong: an unknown option, task, model or judge."""

    exit_code = 2


class Interrupted(UserError):
    """A signal ended the run; what was generated so far is on disk."""

    def __init__(self, signum: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = 128 + signum

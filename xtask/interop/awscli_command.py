"""Runs commands of the AWS CLI in this process."""

import contextlib
import io
import json
from collections import Counter
from typing import Any

from checks import equal, true
from world import Control


class Aws:
    """The AWS CLI for one service, with a record of its calls."""

    def __init__(self, driver: Any, service: str) -> None:
        self.driver = driver
        self.service = service
        self.model = driver.session.get_service_model(service)
        self.called: set[str] = set()
        self.met: Counter[str] = Counter()
        self.last = "nothing was called"

    def run(self, *argv: str) -> tuple[int, str, str]:
        """Runs a command, and returns its exit code, standard output and standard error."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = self.driver.main([self.service, *argv])
            except SystemExit as end:
                code = end.code
        self.last = f"aws {self.service} {' '.join(argv)}\n{code}\n{out.getvalue()}{err.getvalue()}"
        return code, out.getvalue(), err.getvalue()

    def text(self, *argv: str) -> str:
        """Runs a command, which must succeed, and returns its output."""
        code, out, _ = self.run(*argv)
        equal(code, 0, "the exit code")
        self.called.add(argv[0])
        return out

    def __call__(self, *argv: str) -> Any:
        """Runs a command, which must succeed, and returns its output as JSON."""
        return json.loads(self.text(*argv) or "{}")

    def fails(self, exception: str, *argv: str) -> None:
        """Runs a command that must fail with this exception of the service."""
        code, out, err = self.run(*argv)
        equal((code, out), (255, ""), "exit code and output")
        true(f"An error occurred ({exception})" in err, f"standard error names {exception}")
        self.met[exception] += 1

    def faults(self, control: Control, probes: dict[str, tuple[str, ...]]) -> None:
        """Provokes every exception with a fault of the first operation that models it."""
        modelled = {
            name: {shape.name for shape in self.model.operation_model(name).error_shapes}
            for name in probes
        }
        for exception in sorted(self.exceptions()):
            name = next(name for name, exceptions in modelled.items() if exception in exceptions)
            error = {"Exception": exception}
            control.faults({"Service": self.service, "Operation": name, "Times": 1, "Error": error})
            try:
                self.fails(exception, *probes[name])
            finally:
                control.faults()

    def exceptions(self) -> set[str]:
        """All exceptions that the service documents."""
        return {shape.name for shape in self.model.error_shapes}

    def complete(self) -> None:
        """Fails unless every operation was called and every exception was provoked."""
        commands = self.driver.create_help_command().command_table[self.service]
        known = set(commands.create_help_command().command_table) - {"help", "wait"}
        equal(self.called, known, "the set of commands called")
        equal(set(self.met), self.exceptions(), "the set of exceptions met")

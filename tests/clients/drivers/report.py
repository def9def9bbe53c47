"""What a client called and what came of it, one JSON object a line. Runs under any Python 3."""

import json
import sys


class Report:
    """Calls one thing after the other; what one refuses keeps no other back."""

    def __init__(self):
        self.answers = {}

    def call(self, name, work):
        """Do it, say how it went, and return the answer; None when it was refused."""
        try:
            answer = work()
        except Exception as error:
            self.say(name, False, f"{type(error).__name__}: {error}"[:300])
            return None
        self.say(name, True, "")
        return answer

    def say(self, name, ok, why):
        """One line."""
        sys.stdout.write(json.dumps({"call": name, "ok": bool(ok), "why": why}) + "\n")
        sys.stdout.flush()

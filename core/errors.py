"""Mistakes that a person can mend, each worded as one sentence.

Nothing here knows where the mistake came from; the boundary that refuses
raises, the command line and the window show `sentence`.
"""


class Refusal(Exception):
    """A request refused at the boundary, before the journal and the venue.

    `rule` names what was broken (a stable word for programs), `value` is what
    was given, `sentence` is for the person. Never holds a key or a secret.
    """

    def __init__(self, rule: str, sentence: str, value: object = None) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.sentence = sentence
        self.value = value


class VenueUnreachable(Refusal):
    """The venue did not answer, so nothing about it is known."""


class LoginRefused(Refusal):
    """The venue answered that the keys are not accepted."""


class UnknownHost(Refusal):
    """Keys would go to a host nobody has confirmed; `value` is its name, perhaps with a port."""


class Confirmation(Refusal):
    """Not sent, but it will be when the person says so: `names` are the controls to confirm."""

    def __init__(self, names: tuple[str, ...], sentence: str, value: object = None) -> None:
        super().__init__(names[0], sentence, value)
        self.names = names

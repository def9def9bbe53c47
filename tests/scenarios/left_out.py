"""Scenarios without a test, each with what it demands and why there is none yet."""

_STEPS = "re-pricing by steps is not in the program yet"

LEFT_OUT: dict[int, tuple[str, str]] = {
    71: ("A replacement while a fill is in flight is for the rest only.", _STEPS),
    72: ("A re-peg by cancel and new waits for the proof that the old one is dead.", _STEPS),
    73: ("A replacement refused because the order filled leaves the fill.", _STEPS),
    81: (
        "A spread wider than the trader's cap is refused.",
        "the pre-trade controls are not in the program yet; a market fallback has its guard in "
        "the collar (scenario 78)",
    ),
}

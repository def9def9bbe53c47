"""Scenarios without a test, each with what it demands and why there is none yet."""

LEFT_OUT: dict[int, tuple[str, str]] = {
    115: ("a quantity that is selected is replaced", "comes with the window"),
    116: ("another unit rereads no number", "comes with the window"),
    117: ("an Esc too many cancels nothing", "comes with the window"),
}

"""The one place with side effects: runs the state machine against venue and journal."""

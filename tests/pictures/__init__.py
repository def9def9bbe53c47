"""Makes the pictures of docs/cockpit.md from the real program, by mouse and keys."""

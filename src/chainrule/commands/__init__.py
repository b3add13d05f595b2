"""What each command takes and does. Rooms are imported when a command runs, so that the others stay quick."""

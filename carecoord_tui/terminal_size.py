"""The smallest terminal the screens are drawn for, in character cells."""

MIN_WIDTH, MIN_HEIGHT = 80, 24

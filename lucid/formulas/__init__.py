"""What the declaration of an op says, as formulas: its value, its gradient, its source."""

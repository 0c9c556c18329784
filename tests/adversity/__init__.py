"""What the field does to orchestrations, by promise."""

"""The product on one machine: starting, supervising and stopping its parts, and the state that they share."""

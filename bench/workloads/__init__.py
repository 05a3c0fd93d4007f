"""What the contenders do: the events that they read, the decision they take, and what has to come out."""

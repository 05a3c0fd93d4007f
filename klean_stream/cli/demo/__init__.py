"""``klean-stream demo``: a realistic day on a broker inside this process, decided by a real worker."""

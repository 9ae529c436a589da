"""Marketing plans: visits and promotions that are planned, reviewed by somebody else, carried out and judged."""

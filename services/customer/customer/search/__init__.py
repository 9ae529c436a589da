"""Search: the beginnings by which a customer is found, in Chinese, in letters and in digits."""

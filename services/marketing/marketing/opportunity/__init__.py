"""An opportunity: a customer who may buy, found by somebody, developed by an account manager, won or failed."""

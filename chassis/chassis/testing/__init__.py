"""What tests of services are written with: a stage, on which a service hears, does and says."""

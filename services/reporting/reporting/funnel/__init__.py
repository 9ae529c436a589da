"""The sales funnel: how many deals are in each stage, how many go on from it, and after how long."""

"""Remarks: what people write down beside a lead, a deal or a campaign."""

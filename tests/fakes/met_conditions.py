"""Answers by which exemptions that are claimed hold: every condition of their articles."""

ZONE = {
    "zone": "天津", "zone_in_scope": "yes", "list_in_force": "yes", "list_complete": "yes",
    "sector_listed": "yes", "scenario_listed": "yes", "entry_matched": "no", "filed": "yes",
}
ALL_MET = {                                   # claim -> conditions of its article, all of which are met
    "art4": {"collected_abroad": "yes", "domestic_data_introduced": "no"},
    "art5_1": {"contract_with_individual": "yes", "fields_necessary": "yes"},
    "art5_2": {"labour_rules": "yes", "collective_contract": "yes", "fields_necessary": "yes",
               "employees_only": "yes", "for_hr_management": "yes"},
    "art5_3": {"emergency": "yes", "fields_necessary": "yes"},
    "statutory_duty": {"statutory_duty_applies": "yes", "fields_necessary": "yes"},
    "ftz": ZONE,
}

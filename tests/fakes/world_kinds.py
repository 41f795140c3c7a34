"""All kinds of invented worlds, and what evidence each leaves of how many people there are.

decides  the rows or the words of the columns say it: the interval is narrow and `best` is right
leans    they make one number likelier and prove none: `best` is right, the interval is as wide as the doubt
open     they leave it open: the truth lies inside, the width is what it is
unseen   duplicates that share nothing: what is called exact means persons distinguishable by their keys
"""

import random
from collections.abc import Callable

import worlds_of_ages as ages
import worlds_of_cells as cells
import worlds_of_contradictions as contradictions
import worlds_of_controls as controls
import worlds_of_dependants as dependants
import worlds_of_keys as keys
import worlds_of_lists as lists
import worlds_of_names as names
import worlds_of_others as others
import worlds_of_parties as parties
import worlds_of_scopes as scopes
import worlds_of_systems as systems
from counted_worlds import World

DECIDES = (
    keys.one_subject,
    keys.clean_phones,
    keys.shared_mailbox,
    keys.shared_phone,
    keys.shared_id,
    keys.agents,
    keys.placeholders,
    keys.spelled_names,
    keys.spelled_keys,
    keys.spelled_ids,
    keys.numbers_as_numbers,
    keys.one_key_for_all,
    keys.hashed_keys,
    keys.hashed_and_plain,
    keys.no_birth_dates,
    keys.pupils,
    keys.cards,
    names.one_with_a_word,
    names.hashed_in_two_spellings,
    names.own_name_again,
    names.relatives_in_languages,
    names.friends,
    cells.mixed_documents,
    cells.mixed_contacts,
    cells.numbers_of_orders,
    cells.display_names,
    parties.one_population,
    parties.two_populations,
    parties.named_parties,
    parties.three_parties,
    parties.three_without_names,
    parties.swapped_roles,
    parties.accounts_of_parties,
    parties.emergency_contacts,
    parties.own_second_number,
    parties.managers,
    parties.numbered_trades,
    parties.no_role_word,
    parties.different_ids,
    parties.languages,
    systems.orders_of_members,
    systems.accounts_of_one,
    systems.linked_accounts,
    systems.same_table_in_two_flows,
    systems.two_systems_with_names,
    others.several_in_a_cell,
    others.hashed_in_two_tables,
    others.hashed_parties,
    others.transfers,
    others.other_party,
    others.many_addresses,
    others.child_with_name,
    contradictions.ids_in_a_cell,
    contradictions.amounts,
    contradictions.hashed_of_somebody,
    contradictions.empty_columns,
    controls.document_types,
    controls.remarks_of_nobody,
    controls.passengers,
    controls.guests,
    controls.drivers,
    controls.double_surnames,
    dependants.households,
    ages.unread_births,
    ages.children_without_numbers,
    ages.default_births,
    ages.pupils_beside_staff,
    ages.ages_in_years,
    ages.ages_of_numbers,
    ages.pupils_by_school,
    lists.masked_twice,
    scopes.numbers_of_named,
    scopes.customers_of_branches,
    scopes.accounts_beside_things,
    scopes.long_accounts_of_tenants,
)
LEANS = (
    keys.two_in_a_cell,
    parties.numbered_numbers,
    keys.family_phones,
    keys.split_names,
    keys.masked_family,
    keys.agents_without_ids,  # names prove nothing
    keys.shared_id_without_names,
    keys.two_scripts,
    keys.masked_names,
    keys.pupils_by_parents,
    parties.partly_named_role,
    parties.inviters,
    systems.accounts_with_phones,
    systems.two_systems_by_phone,
    systems.copied_table,
    systems.keyless_in_two_flows,
    systems.overlapping_conditions,
    systems.separate_people,
    others.two_parents,
    contradictions.births_under_contact,
    contradictions.genders_under_contact,
    contradictions.names_in_a_cell,
    contradictions.people_in_a_cell,
    contradictions.group_word_in_a_cell,
    contradictions.created_by_one,
    contradictions.couples_by_word,
    contradictions.names_by_number,
    names.several_by_a_word,
    names.owners_of_one_home,
    scopes.orders_of_tenants,
    names.another_name_beside,
)
OPEN = (
    dependants.dependants,
    ages.insured_children,
    keys.borrowed_ids,
    keys.typos_in_names,
    keys.two_scripts_of_two,
    keys.phones_and_mails,
    keys.lost_zeros,
    keys.rounded_ids,
    keys.nothing_filled,
    keys.hashed_in_two,
    parties.accounts_by_role,
    parties.couples,
    parties.one_with_two_phones,
    parties.name_of_another,
    parties.fifty_a_row,
    systems.accounts_of_two_tables,
    systems.accounts_alone,
    systems.accounts_from_anywhere,
    systems.accounts_of_one_alone,
    keys.numbers_of_frames,
    keys.contacts_of_accounts,
    cells.mixed_contacts_again,
    keys.mailbox_alone,
    keys.desk_in_two_tables,
    others.child_beside_parent,
    others.pairs_that_repeat,
    others.key_beside_many,
    others.group_in_a_cell,
    others.key_of_another,
    others.own_key_with_word,
    others.numbers_in_any_order,
    systems.half_filled_systems,
    systems.separate_systems,
    systems.keyless_beside_keyed,
    contradictions.heavy_key,
    contradictions.joined_tables,
    contradictions.hashed_of_parties,
    contradictions.births_under_account,
    contradictions.births_under_id,
    contradictions.births_under_name,
    contradictions.names_under_account,
    contradictions.accounts_in_a_cell,
    contradictions.contacts_in_remarks,
    contradictions.usual_many_mails,
    contradictions.agents_of_all,
    contradictions.agents_by_name,
    contradictions.accounts_of_traders,
    contradictions.accounts_of_two_kinds,
    names.hashed_under_two_salts,
    names.numbers_cut_by_a_sheet,
    names.desk_phones,
    lists.couples_in_a_cell,
    lists.parents_in_a_cell,
    lists.couples_together,
    lists.contacts_in_a_list,
    lists.identities_in_a_list,            # four rows: some are taken for accounts
    lists.masked_of_another,
    scopes.numbers_of_tenants,
    scopes.orders_without_tenant,
    scopes.files_of_tenants,
    scopes.passports_of_states,
    scopes.phones_of_areas,
)
UNSEEN = (keys.nothing_shared,)
# kinds that nobody may hedge: one subject a row, nothing to assume
CONTROLS = (
    "one_subject",
    "clean_phones",
    "no_role_word",
    "spelled_names",
    "spelled_keys",
    "spelled_ids",
    "hashed_keys",
    "numbers_as_numbers",
    "pupils",
    "cards",
    "no_birth_dates",
    "mixed_documents",
    "mixed_contacts",
    "orders_of_members",
    "many_addresses",
    "empty_columns",
    "document_types",
    "remarks_of_nobody",
    "passengers",
    "guests",
    "drivers",
    "double_surnames",
    "households",
    "ages_in_years",
    "ages_of_numbers",
    "pupils_by_school",
    "one_with_a_word",
    "own_name_again",
    "hashed_in_two_spellings",
    "masked_twice",
    "customers_of_branches",
    "accounts_beside_things",
    "long_accounts_of_tenants",
)
EVIDENCE = {"decides": DECIDES, "leans": LEANS, "open": OPEN, "unseen": UNSEEN}
KINDS: dict[str, tuple[str, Callable]] = {
    make.__name__: (evidence, make) for evidence, makes in EVIDENCE.items() for make in makes
}


def world_of(kind: str, seed: int = 0, size: int = 400) -> World:
    """Return a world of a kind, the same for the same seed. size: persons, about."""
    evidence, make = KINDS[kind]
    world = make(random.Random(f"{kind}/{seed}"), size)
    world.kind, world.evidence = kind, evidence
    return world

"""Every module that maps rows, imported, so that ``Base.metadata`` is whole and every relationship resolves."""

from campaigns.compliance import findings, inspections, rules, sweeping
from campaigns.core import journal, leading, spells
from campaigns.core.base import Base
from campaigns.partners import (
    agreements,
    directory,
    duplicates,
    editor_links,
    editor_visits,
    editors,
    licences,
    register_entries,
    register_runs,
    scans,
)
from campaigns.people import (
    alarms,
    calendar_keys,
    identities,
    invitations,
    keys,
    letterheads,
    letters,
    office,
    passkeys,
    replies,
    sign_ins,
    spent,
    staff,
    tries,
)
from campaigns.planning import campaigns, milestones
from campaigns.publishing import (
    accounts,
    broadcasts,
    bulletins,
    channels,
    fetches,
    outbox,
    pictures,
    platform_events,
    readings,
    series,
    slots,
    subscriptions,
    urgent,
    working,
)
from campaigns.reporting import history, saved_filters, schedules, sendings, signing, sums, templates, versions
from campaigns.talking import notices, questions
from campaigns.tracking import (
    answers,
    deciding,
    exhibits,
    holding,
    hosts,
    mentions,
    prints,
    probes,
    reported,
    republications,
    sightings,
    surveys,
    teasers,
    views,
    watching,
)  # fmt: skip

ROOMS = (
    journal, leading, staff, keys, office, replies, campaigns, directory, duplicates, licences, agreements, bulletins,
    channels, outbox, fetches, subscriptions, pictures, urgent, working, prints, watching, hosts, sightings,
    republications, views, readings, exhibits, probes, teasers, holding, mentions, surveys, answers, deciding,
    calendar_keys, slots, series, sign_ins, invitations, editors, editor_links, editor_visits, reported, milestones,
    passkeys, spent, tries, sums, letters, identities, notices, questions, register_runs, register_entries, alarms,
    spells, broadcasts, accounts, platform_events, rules, inspections, findings, sweeping, saved_filters, schedules,
    sendings, history, letterheads, signing, versions, templates, scans,
)  # fmt: skip
METADATA = Base.metadata

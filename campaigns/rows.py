"""Every module that maps rows, imported, so that ``Base.metadata`` is whole and every relationship resolves."""

from campaigns.bulletins import autosave, bulletins, media, pictures, templates
from campaigns.bulletins.library import media_uploads, video_addresses
from campaigns.channels import accounts, channels
from campaigns.compliance import findings, inspections, rule_evaluation, rules
from campaigns.compliance.cases import cases
from campaigns.core import import_runs, incidents, journal, leases, ledger
from campaigns.core.base import Base
from campaigns.delivery import broadcasts, engagement, feed_fetches, outbox, websub_subscriptions
from campaigns.discovery import host_locks, pending_pages, sightings, site_pictures, site_sources, surveys, webmentions
from campaigns.matching import fingerprint_index
from campaigns.matching.pictures import fingerprints as picture_fingerprints
from campaigns.messages import notices, questions, task_decisions
from campaigns.partners import agreements, directory, editor_access, editors, licences, similar_partners
from campaigns.people import (
    alarms,
    external_identities,
    idempotency,
    invitations,
    keys,
    mail_outbox,
    office,
    sessions,
    sign_in_factors,
    staff,
    throttling,
    used_tokens,
)
from campaigns.people.powers import account_messages
from campaigns.people.push import push_outbox, subscriptions
from campaigns.planning import campaigns
from campaigns.release import comments, series, single_signature_releases, slots_and_quiet_hours
from campaigns.reporting import monitoring, saved_filters, word_templates
from campaigns.reporting.briefings import briefing_text, versions
from campaigns.reporting.history import reported
from campaigns.reporting.rollups import rollup_tables, tally_history
from campaigns.reporting.schedules import report_mail, schedules
from campaigns.republications import log_retention, page_reports, republications, teasers, views  # fmt: skip
from campaigns.republications.attribution import template_pages
from campaigns.republications.evidence import uploads
from campaigns.republications.lifecycle import missing_page_probes
from campaigns.republications.review import decisions, partner_answers
from campaigns.republications.social import posts as social_posts

MAPPED_MODULES = (
    journal,
    leases,
    staff,
    account_messages,
    subscriptions,
    push_outbox,
    keys,
    office,
    idempotency,
    campaigns,
    directory,
    similar_partners,
    licences,
    agreements,
    bulletins,
    channels,
    outbox,
    feed_fetches,
    websub_subscriptions,
    pictures,
    media,
    media_uploads,
    video_addresses,
    single_signature_releases,
    autosave,
    fingerprint_index,
    picture_fingerprints,
    site_pictures,
    site_sources,
    host_locks,
    sightings,
    republications,
    views,
    log_retention,
    engagement,
    uploads,
    missing_page_probes,
    teasers,
    template_pages,
    pending_pages,
    webmentions,
    surveys,
    partner_answers,
    decisions,
    social_posts,
    slots_and_quiet_hours,
    comments,
    series,
    sessions,
    invitations,
    editors,
    editor_access,
    page_reports,
    sign_in_factors,
    used_tokens,
    throttling,
    rollup_tables,
    mail_outbox,
    external_identities,
    notices,
    questions,
    task_decisions,
    import_runs,
    alarms,
    monitoring,
    incidents,
    ledger,
    broadcasts,
    accounts,
    rules,
    inspections,
    findings,
    cases,
    rule_evaluation,
    saved_filters,
    schedules,
    report_mail,
    tally_history,
    reported,
    briefing_text,
    versions,
    word_templates,
    templates,
)
METADATA = Base.metadata

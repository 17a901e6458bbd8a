"""Ways to find copies and when to look: searches, alarms, turns of hosts, held pages, mentions, searches for sources."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('host_turns',
    sa.Column('host', sa.String(length=300), nullable=False),
    sa.Column('holder', sa.String(length=80), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_host_turns'))
    )
    op.create_table('mention_blocks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public', sa.String(length=40), nullable=False),
    sa.Column('pattern', sa.String(length=300), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('by', sa.String(length=200), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mention_blocks')),
    sa.UniqueConstraint('pattern', name=op.f('uq_mention_blocks_pattern')),
    sa.UniqueConstraint('public', name=op.f('uq_mention_blocks_public'))
    )
    op.create_table('mentions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bulletin_id', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=2000), nullable=False),
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'linked', 'absent', 'unread', name='mention_state', native_enum=False, create_constraint=True, length=16), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fence', sa.Integer(), server_default='0', nullable=False),
    sa.Column('attempt', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['bulletin_id'], ['bulletins.id'], name=op.f('fk_mentions_bulletin_id_bulletins')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mentions')),
    sa.UniqueConstraint('bulletin_id', 'source', name=op.f('uq_mentions_bulletin_id_source'))
    )
    with op.batch_alter_table('mentions', schema=None) as batch_op:
        batch_op.create_index('ix_mentions_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))
        batch_op.create_index('ix_mentions_host_first_at', ['host', 'first_at'], unique=False)

    op.create_table('surveys',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('found', sa.JSON(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fence', sa.Integer(), server_default='0', nullable=False),
    sa.Column('attempt', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['site_id'], ['sites.id'], name=op.f('fk_surveys_site_id_sites')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surveys')),
    sa.UniqueConstraint('site_id', name=op.f('uq_surveys_site_id'))
    )
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.create_index('ix_surveys_due_at', ['due_at'], unique=False, sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.create_table('held_compared',
    sa.Column('revision_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['revision_id'], ['revisions.id'], name=op.f('fk_held_compared_revision_id_revisions')),
    sa.PrimaryKeyConstraint('revision_id', name=op.f('pk_held_compared'))
    )
    op.create_table('held_pages',
    sa.Column('page_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fp_version', sa.String(length=20), nullable=False),
    sa.Column('hashes', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['page_id'], ['pages.id'], name=op.f('fk_held_pages_page_id_pages')),
    sa.PrimaryKeyConstraint('page_id', name=op.f('pk_held_pages'))
    )
    with op.batch_alter_table('held_pages', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_held_pages_at'), ['at'], unique=False)

    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.create_index('ix_pages_lease_until', ['lease_until'], unique=False, sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))

    with op.batch_alter_table('sites', schema=None) as batch_op:
        batch_op.add_column(sa.Column('searches', sa.JSON(), server_default='[]', nullable=False))

    with op.batch_alter_table('sources', schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_sources_source_kind"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_sources_source_kind"), "kind IN ('feed', 'sitemap', 'listing', 'search')"
        )
        batch_op.add_column(sa.Column('named_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('hours', sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column('trouble', sa.Enum('', 'unreachable', 'slow', 'refused', 'missing', 'busy', 'broken', 'robots', 'unreadable', 'too_large', 'moved', 'protocol', 'program', name='source_trouble', native_enum=False, create_constraint=True, length=16), server_default='', nullable=False))
        batch_op.add_column(sa.Column('failing_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('silent_since', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('alarmed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('moved_to', sa.String(length=1000), server_default='', nullable=False))
        batch_op.add_column(sa.Column('moves', sa.Integer(), server_default='0', nullable=False))
        batch_op.create_index('ix_sources_lease_until', ['lease_until'], unique=False, sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))



def downgrade() -> None:
    op.execute("DELETE FROM sources WHERE kind = 'search'")
    with op.batch_alter_table('sources', schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_sources_source_kind"), type_="check")
        batch_op.create_check_constraint(op.f("ck_sources_source_kind"), "kind IN ('feed', 'sitemap', 'listing')")
        batch_op.drop_constraint(op.f("ck_sources_source_trouble"), type_="check")
        batch_op.drop_index('ix_sources_lease_until', sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))
        batch_op.drop_column('moves')
        batch_op.drop_column('moved_to')
        batch_op.drop_column('alarmed_at')
        batch_op.drop_column('silent_since')
        batch_op.drop_column('failing_since')
        batch_op.drop_column('trouble')
        batch_op.drop_column('hours')
        batch_op.drop_column('named_at')

    with op.batch_alter_table('sites', schema=None) as batch_op:
        batch_op.drop_column('searches')

    with op.batch_alter_table('pages', schema=None) as batch_op:
        batch_op.drop_index('ix_pages_lease_until', sqlite_where=sa.text('lease_until IS NOT NULL'), postgresql_where=sa.text('lease_until IS NOT NULL'))

    with op.batch_alter_table('held_pages', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_held_pages_at'))

    op.drop_table('held_pages')
    op.drop_table('held_compared')
    with op.batch_alter_table('surveys', schema=None) as batch_op:
        batch_op.drop_index('ix_surveys_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.drop_table('surveys')
    with op.batch_alter_table('mentions', schema=None) as batch_op:
        batch_op.drop_index('ix_mentions_host_first_at')
        batch_op.drop_index('ix_mentions_due_at', sqlite_where=sa.text('due_at IS NOT NULL'), postgresql_where=sa.text('due_at IS NOT NULL'))

    op.drop_table('mentions')
    op.drop_table('mention_blocks')
    op.drop_table('host_turns')

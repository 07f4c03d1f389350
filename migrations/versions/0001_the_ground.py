"""The ground: every table of the first release, and the search index.

Revision: 0001
After:
"""

import sqlalchemy as sa
from alembic import op

from openpartner.platform import search

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agreement_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agreement_type", sa.String(length=60), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("version_rank", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=320), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_by", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint(
            "agreement_type",
            "region",
            "kind",
            "version_rank",
            name=op.f("uq_agreement_version_agreement_type_region_kind_version_rank"),
        ),
    )
    op.create_index("ix_agreement_version_type", "agreement_version", ["agreement_type", "effective_at"], unique=False)
    op.create_table(
        "catalogue_price_list_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=256), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(length=320), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_price_list_upload")),
    )
    op.create_table(
        "catalogue_price_publication",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=256), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=320), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_price_publication")),
    )
    op.create_table(
        "catalogue_product",
        sa.Column(
            "id", sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("sub_type", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("publisher_name", sa.String(length=128), nullable=False),
        sa.Column("publisher_id", sa.String(length=64), nullable=False),
        sa.Column("is_microsoft", sa.Boolean(), nullable=False),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_product")),
    )
    op.create_index("ix_catalogue_product_kind", "catalogue_product", ["kind", "id"], unique=False)
    op.create_table(
        "catalogue_promotion",
        sa.Column(
            "id", sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "product_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sku_id", sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_promotion")),
    )
    op.create_index(
        "ix_catalogue_promotion_sku", "catalogue_promotion", ["product_id", "sku_id", "starts_at"], unique=False
    )
    op.create_table(
        "due_work",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("args", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.String(length=200), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_work")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_due_work_dedup_key")),
    )
    op.create_index("ix_due_work_due", "due_work", ["parked", "due_at", "id"], unique=False)
    op.create_table(
        "event_chain",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_chain")),
    )
    op.create_table(
        "event_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("resource_type", sa.String(length=60), nullable=False),
        sa.Column("resource_id", sa.String(length=200), nullable=False),
        sa.Column("operation_type", sa.String(length=80), nullable=False),
        sa.Column("actor_name", sa.String(length=320), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_log")),
        sa.UniqueConstraint("id", name=op.f("uq_event_log_id")),
    )
    op.create_index("ix_event_log_customer", "event_log", ["customer_id", "seq"], unique=False)
    op.create_index("ix_event_log_partner_at", "event_log", ["partner_id", "seq"], unique=False)
    op.create_index("ix_event_log_resource", "event_log", ["resource_type", "resource_id", "seq"], unique=False)
    op.create_table(
        "identifier_position",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier_position")),
    )
    op.create_table(
        "mail_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
    )
    op.create_index("ix_mail_message_recipient", "mail_message", ["recipient", "created_at"], unique=False)
    op.create_table(
        "portal_sign_in_attempt",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("return_to", sa.String(length=2000), nullable=False),
        sa.Column("redirect_uri", sa.String(length=400), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_sign_in_attempt")),
    )
    op.create_table(
        "request_replay",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.String(length=500), nullable=False),
        sa.Column("request_id", sa.String(length=80), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "operation", "request_id", name=op.f("pk_request_replay")),
    )
    op.create_table(
        "sign_in_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column(
            "upn_key",
            sa.String(length=360).with_variant(sa.String(length=360, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("home_tenant_id", sa.Uuid(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("app_id", sa.Uuid(), nullable=True),
        sa.Column("resource", sa.String(length=255), nullable=False),
        sa.Column("ip_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=400), nullable=False),
        sa.Column("error_code", sa.BigInteger(), nullable=False),
        sa.Column("failure_reason", sa.String(length=400), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("cross_tenant", sa.String(length=24), nullable=False),
        sa.Column("is_interactive", sa.Boolean(), nullable=False),
        sa.Column("correlation_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_log")),
    )
    op.create_index("ix_sign_in_log_account_ip", "sign_in_log", ["upn_key", "ip_address", "at"], unique=False)
    op.create_index("ix_sign_in_log_ip", "sign_in_log", ["ip_address", "at"], unique=False)
    op.create_index("ix_sign_in_log_tenant_at", "sign_in_log", ["tenant_id", "at", "id"], unique=False)
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("private_pem", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("serial", name=op.f("uq_signing_key_serial")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("default_domain", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("security_defaults", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "world_clock",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_world_clock")),
    )
    op.create_table(
        "world_record",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_world_record")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(length=256), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("allow_public_client", sa.Boolean(), nullable=False),
        sa.Column("exposed_scopes", sa.Text(), nullable=False),
        sa.Column("app_roles", sa.Text(), nullable=False),
        sa.Column("required_access", sa.Text(), nullable=False),
        sa.Column("access_token_version", sa.BigInteger(), nullable=False),
        sa.Column("group_membership_claims", sa.String(length=40), nullable=False),
        sa.Column("front_channel_logout_uri", sa.String(length=256), nullable=False),
        sa.Column("id_token_implicit", sa.Boolean(), nullable=False),
        sa.Column("access_token_implicit", sa.Boolean(), nullable=False),
        sa.Column("assignment_required", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_application_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("app_id", name=op.f("uq_application_app_id")),
    )
    op.create_index(op.f("ix_application_tenant_id"), "application", ["tenant_id"], unique=False)
    op.create_table(
        "catalogue_sku",
        sa.Column(
            "product_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "id", sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit_of_measure", sa.String(length=60), nullable=False),
        sa.Column("minimum_quantity", sa.BigInteger(), nullable=False),
        sa.Column("maximum_quantity", sa.BigInteger(), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("is_addon", sa.Boolean(), nullable=False),
        sa.Column("prerequisite_skus", sa.Text(), nullable=False),
        sa.Column("base_seat_percent", sa.BigInteger(), nullable=False),
        sa.Column("upgrade_targets", sa.Text(), nullable=False),
        sa.Column("converts_to", sa.String(length=20), nullable=False),
        sa.Column("ownership_limit", sa.BigInteger(), nullable=True),
        sa.Column("is_ownership_limit_lifetime", sa.Boolean(), nullable=False),
        sa.Column("enforces_attestation", sa.Boolean(), nullable=False),
        sa.Column("attestation_type", sa.String(length=200), nullable=False),
        sa.Column("needs_registration", sa.Boolean(), nullable=False),
        sa.Column("has_inventory", sa.Boolean(), nullable=False),
        sa.Column("inventory_variables", sa.Text(), nullable=False),
        sa.Column("provisioning_variables", sa.Text(), nullable=False),
        sa.Column("restricted_regions", sa.Text(), nullable=False),
        sa.Column("provisioning_id", sa.Uuid(), nullable=True),
        sa.Column("provisioning_string", sa.String(length=80), nullable=False),
        sa.Column("service_plans", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("is_renewable", sa.Boolean(), nullable=False),
        sa.Column("legacy_offer_id", sa.Uuid(), nullable=True),
        sa.Column("offer_category", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["catalogue_product.id"], name=op.f("fk_catalogue_sku_product_id")),
        sa.PrimaryKeyConstraint("product_id", "id", name=op.f("pk_catalogue_sku")),
        sa.UniqueConstraint("legacy_offer_id", name=op.f("uq_catalogue_sku_legacy_offer_id")),
    )
    op.create_table(
        "customer",
        sa.Column("commerce_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("reseller_id", sa.Uuid(), nullable=True),
        sa.Column("relationship", sa.String(length=40), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("allow_delegated_access", sa.Boolean(), nullable=False),
        sa.Column("company_name", sa.String(length=256), nullable=False),
        sa.Column(
            "name_key",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "domain",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("registration_number", sa.String(length=60), nullable=False),
        sa.Column("review", sa.String(length=40), nullable=True),
        sa.Column("review_reason", sa.String(length=400), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_customer_partner_id")),
        sa.ForeignKeyConstraint(["reseller_id"], ["tenant.id"], name=op.f("fk_customer_reseller_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_customer_tenant_id")),
        sa.PrimaryKeyConstraint("commerce_id", name=op.f("pk_customer")),
        sa.UniqueConstraint("partner_id", "tenant_id", name=op.f("uq_customer_partner_id_tenant_id")),
    )
    op.create_index("ix_customer_partner_domain", "customer", ["partner_id", "domain", "commerce_id"], unique=False)
    op.create_index("ix_customer_partner_name", "customer", ["partner_id", "name_key", "commerce_id"], unique=False)
    op.create_index(
        "ix_customer_partner_reseller",
        "customer",
        ["partner_id", "reseller_id", "name_key", "commerce_id"],
        unique=False,
    )
    op.create_index(
        "ix_customer_partner_review", "customer", ["partner_id", "review", "name_key", "commerce_id"], unique=False
    )
    op.create_index("ix_customer_reseller_domain", "customer", ["reseller_id", "domain", "commerce_id"], unique=False)
    op.create_index("ix_customer_reseller_name", "customer", ["reseller_id", "name_key", "commerce_id"], unique=False)
    op.create_index("ix_customer_review", "customer", ["review", "reviewed_at", "commerce_id"], unique=False)
    op.create_index("ix_customer_tenant", "customer", ["tenant_id"], unique=False)
    op.create_table(
        "directory_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "display_name",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("description", sa.String(length=1024), nullable=False),
        sa.Column("mail_nickname", sa.String(length=64), nullable=False),
        sa.Column("security_enabled", sa.Boolean(), nullable=False),
        sa.Column("is_assignable_to_role", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_directory_group_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_group")),
    )
    op.create_index(
        "ix_directory_group_tenant_name", "directory_group", ["tenant_id", "display_name", "id"], unique=False
    )
    op.create_table(
        "directory_role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("role_template_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("principal_kind", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_directory_role_assignment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_role_assignment")),
        sa.UniqueConstraint(
            "tenant_id",
            "role_template_id",
            "principal_id",
            name=op.f("uq_directory_role_assignment_tenant_id_role_template_id_principal_id"),
        ),
    )
    op.create_index(
        op.f("ix_directory_role_assignment_principal_id"), "directory_role_assignment", ["principal_id"], unique=False
    )
    op.create_table(
        "directory_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("upn", sa.String(length=320), nullable=False),
        sa.Column(
            "upn_key",
            sa.String(length=360).with_variant(sa.String(length=360, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "display_name",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("given_name", sa.String(length=64), nullable=False),
        sa.Column("surname", sa.String(length=64), nullable=False),
        sa.Column("mail", sa.String(length=320), nullable=False),
        sa.Column("usage_location", sa.String(length=2), nullable=False),
        sa.Column("preferred_language", sa.String(length=35), nullable=False),
        sa.Column("user_type", sa.String(length=40), nullable=False),
        sa.Column("home_tenant_id", sa.Uuid(), nullable=False),
        sa.Column("home_user_id", sa.Uuid(), nullable=True),
        sa.Column("account_enabled", sa.Boolean(), nullable=False),
        sa.Column("puid", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("force_change", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(length=400), nullable=True),
        sa.Column("failed_attempts", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sessions_valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["home_tenant_id"], ["tenant.id"], name=op.f("fk_directory_user_home_tenant_id")),
        sa.ForeignKeyConstraint(["home_user_id"], ["directory_user.id"], name=op.f("fk_directory_user_home_user_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_directory_user_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_user")),
        sa.UniqueConstraint("upn_key", name=op.f("uq_directory_user_upn_key")),
    )
    op.create_index(op.f("ix_directory_user_home_user_id"), "directory_user", ["home_user_id"], unique=False)
    op.create_index(
        "ix_directory_user_tenant_name", "directory_user", ["tenant_id", "display_name", "id"], unique=False
    )
    op.create_table(
        "domain",
        sa.Column(
            "name",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("is_verified", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_initial", sa.Boolean(), nullable=False),
        sa.Column("verification_text", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_domain_tenant_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_domain")),
    )
    op.create_index(op.f("ix_domain_tenant_id"), "domain", ["tenant_id"], unique=False)
    op.create_table(
        "gcc_validation_code",
        sa.Column(
            "validation_id",
            sa.String(length=20).with_variant(sa.String(length=20, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_name", sa.String(length=256), nullable=False),
        sa.Column("max_creates", sa.BigInteger(), nullable=False),
        sa.Column("remaining_creates", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_gcc_validation_code_partner_id")),
        sa.PrimaryKeyConstraint("validation_id", name=op.f("pk_gcc_validation_code")),
    )
    op.create_index(op.f("ix_gcc_validation_code_partner_id"), "gcc_validation_code", ["partner_id"], unique=False)
    op.create_table(
        "partner_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "name",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "global_partner_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("registration_number", sa.String(length=50), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("vetting_status", sa.String(length=40), nullable=False),
        sa.Column("vetting_sub_status", sa.String(length=40), nullable=False),
        sa.Column("vetting_round", sa.BigInteger(), nullable=False),
        sa.Column("verified", sa.String(length=40), nullable=False),
        sa.Column("primary_contact_name", sa.String(length=128), nullable=False),
        sa.Column("primary_contact_email", sa.String(length=320), nullable=False),
        sa.Column("security_contact", sa.Text(), nullable=True),
        sa.Column("suspended_reason", sa.String(length=400), nullable=False),
        sa.Column("enrolled_by", sa.Uuid(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authorized_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_partner_account_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_partner_account")),
        sa.UniqueConstraint("global_partner_id", name=op.f("uq_partner_account_global_partner_id")),
    )
    op.create_index(op.f("ix_partner_account_state"), "partner_account", ["state"], unique=False)
    op.create_index(op.f("ix_partner_account_vetting_status"), "partner_account", ["vetting_status"], unique=False)
    op.create_table(
        "sandbox_app",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_secret", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sandbox_app_tenant_id")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_sandbox_app")),
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("user_name", sa.String(length=320), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=320), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_access_request_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_access_request_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
    )
    op.create_index(
        "ix_access_request_tenant_state", "access_request", ["tenant_id", "state", "requested_at"], unique=False
    )
    op.create_index(op.f("ix_access_request_user_id"), "access_request", ["user_id"], unique=False)
    op.create_table(
        "agreement_acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_version_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_type", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("version_rank", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by_id", sa.Uuid(), nullable=True),
        sa.Column("accepted_by_name", sa.String(length=320), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_version_id"],
            ["agreement_version.id"],
            name=op.f("fk_agreement_acceptance_agreement_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["partner_account.tenant_id"], name=op.f("fk_agreement_acceptance_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_acceptance")),
        sa.UniqueConstraint(
            "tenant_id",
            "agreement_version_id",
            "region",
            name=op.f("uq_agreement_acceptance_tenant_id_agreement_version_id_region"),
        ),
    )
    op.create_table(
        "application_certificate",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(length=90), nullable=False),
        sa.Column("x5t", sa.String(length=32), nullable=False),
        sa.Column("x5t_s256", sa.String(length=48), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_certificate_application_id")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_application_certificate")),
    )
    op.create_index(
        op.f("ix_application_certificate_application_id"), "application_certificate", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_application_certificate_x5t"), "application_certificate", ["x5t"], unique=False)
    op.create_index(op.f("ix_application_certificate_x5t_s256"), "application_certificate", ["x5t_s256"], unique=False)
    op.create_table(
        "application_identifier_uri",
        sa.Column(
            "uri",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_identifier_uri_application_id")
        ),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_application_identifier_uri")),
    )
    op.create_index(
        op.f("ix_application_identifier_uri_application_id"),
        "application_identifier_uri",
        ["application_id"],
        unique=False,
    )
    op.create_table(
        "application_secret",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(length=90), nullable=False),
        sa.Column("hint", sa.String(length=3), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_secret_application_id")
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_application_secret")),
    )
    op.create_index(
        op.f("ix_application_secret_application_id"), "application_secret", ["application_id"], unique=False
    )
    op.create_table(
        "authorization_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("redirect_uri", sa.String(length=256), nullable=False),
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("code_challenge_method", sa.String(length=8), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_authorization_code_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_authorization_code_user_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_authorization_code")),
    )
    op.create_index(op.f("ix_authorization_code_expires_at"), "authorization_code", ["expires_at"], unique=False)
    op.create_index(op.f("ix_authorization_code_user_id"), "authorization_code", ["user_id"], unique=False)
    op.create_table(
        "cart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commerce_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("modified_by", sa.String(length=320), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attestation_accepted", sa.Boolean(), nullable=True),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.Column("order_ids", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["commerce_id"], ["customer.commerce_id"], name=op.f("fk_cart_commerce_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_cart_customer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_cart_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart")),
    )
    op.create_index("ix_cart_customer", "cart", ["commerce_id", "created_at", "id"], unique=False)
    op.create_table(
        "catalogue_availability",
        sa.Column(
            "id", sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "product_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sku_id", sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("market", sa.String(length=2), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_purchasable", sa.Boolean(), nullable=False),
        sa.Column("plans", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id", "sku_id"],
            ["catalogue_sku.product_id", "catalogue_sku.id"],
            name=op.f("fk_catalogue_availability_product_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_availability")),
        sa.UniqueConstraint(
            "product_id",
            "sku_id",
            "market",
            "segment",
            name=op.f("uq_catalogue_availability_product_id_sku_id_market_segment"),
        ),
    )
    op.create_index(
        "ix_catalogue_availability_market", "catalogue_availability", ["market", "segment", "product_id"], unique=False
    )
    op.create_table(
        "catalogue_price",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "product_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sku_id", sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("market", sa.String(length=2), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("duration", sa.String(length=12), nullable=False),
        sa.Column("billing_cycle", sa.String(length=40), nullable=False),
        sa.Column("tier_from", sa.BigInteger(), nullable=False),
        sa.Column("tier_to", sa.BigInteger(), nullable=True),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("erp_price", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tags", sa.String(length=200), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id", "sku_id"],
            ["catalogue_sku.product_id", "catalogue_sku.id"],
            name=op.f("fk_catalogue_price_product_id"),
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["catalogue_price_publication.id"], name=op.f("fk_catalogue_price_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_price")),
    )
    op.create_index("ix_catalogue_price_market", "catalogue_price", ["market", "valid_from"], unique=False)
    op.create_index(
        "ix_catalogue_price_sku",
        "catalogue_price",
        ["product_id", "sku_id", "market", "segment", "valid_from"],
        unique=False,
    )
    op.create_table(
        "customer_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("commerce_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("agreement_type", sa.String(length=40), nullable=False),
        sa.Column("template_id", sa.String(length=60), nullable=False),
        sa.Column("first_name", sa.String(length=50), nullable=False),
        sa.Column("last_name", sa.String(length=50), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone_number", sa.String(length=40), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["commerce_id"], ["customer.commerce_id"], name=op.f("fk_customer_agreement_commerce_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_customer_agreement_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_agreement")),
    )
    op.create_index(op.f("ix_customer_agreement_commerce_id"), "customer_agreement", ["commerce_id"], unique=False)
    op.create_index(
        "ix_customer_agreement_tenant", "customer_agreement", ["tenant_id", "agreement_type", "agreed_at"], unique=False
    )
    op.create_table(
        "customer_billing_profile",
        sa.Column("commerce_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.String(length=50), nullable=False),
        sa.Column("last_name", sa.String(length=50), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("culture", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("company_name", sa.String(length=256), nullable=False),
        sa.Column("default_address", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commerce_id"], ["customer.commerce_id"], name=op.f("fk_customer_billing_profile_commerce_id")
        ),
        sa.PrimaryKeyConstraint("commerce_id", name=op.f("pk_customer_billing_profile")),
        sa.UniqueConstraint("id", name=op.f("uq_customer_billing_profile_id")),
    )
    op.create_table(
        "customer_qualification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("commerce_id", sa.Uuid(), nullable=False),
        sa.Column("qualification", sa.String(length=40), nullable=False),
        sa.Column("vetting", sa.String(length=40), nullable=True),
        sa.Column("vetting_reason", sa.String(length=400), nullable=False),
        sa.Column("education_segment", sa.String(length=20), nullable=False),
        sa.Column("website", sa.String(length=400), nullable=False),
        sa.Column("validation_id", sa.String(length=20), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["commerce_id"], ["customer.commerce_id"], name=op.f("fk_customer_qualification_commerce_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_customer_qualification_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_qualification")),
        sa.UniqueConstraint(
            "tenant_id", "qualification", name=op.f("uq_customer_qualification_tenant_id_qualification")
        ),
    )
    op.create_index(
        op.f("ix_customer_qualification_commerce_id"), "customer_qualification", ["commerce_id"], unique=False
    )
    op.create_index(
        "ix_customer_qualification_vetting", "customer_qualification", ["vetting", "requested_at", "id"], unique=False
    )
    op.create_table(
        "delegated_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("partner_tenant_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("role_template_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["directory_group.id"], name=op.f("fk_delegated_role_group_id")),
        sa.ForeignKeyConstraint(["partner_tenant_id"], ["tenant.id"], name=op.f("fk_delegated_role_partner_tenant_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_delegated_role_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegated_role")),
        sa.UniqueConstraint(
            "source_id",
            "group_id",
            "role_template_id",
            name=op.f("uq_delegated_role_source_id_group_id_role_template_id"),
        ),
    )
    op.create_index(op.f("ix_delegated_role_source_id"), "delegated_role", ["source_id"], unique=False)
    op.create_index("ix_delegated_role_tenant_group", "delegated_role", ["tenant_id", "group_id"], unique=False)
    op.create_table(
        "device_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_code", sa.String(length=12), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("tenant", sa.String(length=255), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_device_code_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_device_code_user_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_device_code")),
        sa.UniqueConstraint("user_code", name=op.f("uq_device_code_user_code")),
    )
    op.create_index(op.f("ix_device_code_expires_at"), "device_code", ["expires_at"], unique=False)
    op.create_table(
        "federated_credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("issuer", sa.String(length=600), nullable=False),
        sa.Column("subject", sa.String(length=600), nullable=False),
        sa.Column("audience", sa.String(length=600), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_federated_credential_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federated_credential")),
        sa.UniqueConstraint(
            "application_id", "issuer", "subject", name=op.f("uq_federated_credential_application_id_issuer_subject")
        ),
    )
    op.create_index(
        op.f("ix_federated_credential_application_id"), "federated_credential", ["application_id"], unique=False
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("member_kind", sa.String(length=40), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["directory_group.id"], name=op.f("fk_group_member_group_id")),
        sa.PrimaryKeyConstraint("group_id", "member_id", name=op.f("pk_group_member")),
    )
    op.create_index(op.f("ix_group_member_member_id"), "group_member", ["member_id"], unique=False)
    op.create_table(
        "license_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provisioning_id", sa.Uuid(), nullable=False),
        sa.Column("disabled_plans", sa.Text(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_license_assignment_customer_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_license_assignment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_assignment")),
        sa.UniqueConstraint(
            "customer_id",
            "user_id",
            "provisioning_id",
            name=op.f("uq_license_assignment_customer_id_user_id_provisioning_id"),
        ),
    )
    op.create_index(op.f("ix_license_assignment_user_id"), "license_assignment", ["user_id"], unique=False)
    op.create_table(
        "partner_location",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column(
            "partner_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "name",
            sa.String(length=256).with_variant(sa.String(length=256, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["partner_account.tenant_id"], name=op.f("fk_partner_location_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_location")),
        sa.UniqueConstraint("partner_id", name=op.f("uq_partner_location_partner_id")),
    )
    op.create_index("ix_partner_location_tenant", "partner_location", ["tenant_id", "partner_id"], unique=False)
    op.create_table(
        "partner_profile",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["partner_account.tenant_id"], name=op.f("fk_partner_profile_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "kind", name=op.f("pk_partner_profile")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_passkey_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"], unique=False)
    op.create_table(
        "portal_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=400), nullable=False),
        sa.Column("subject_session", sa.String(length=200), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.Column("mfa", sa.Boolean(), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_portal_session_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_portal_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_session")),
    )
    op.create_index(op.f("ix_portal_session_subject_session"), "portal_session", ["subject_session"], unique=False)
    op.create_index(op.f("ix_portal_session_user_id"), "portal_session", ["user_id"], unique=False)
    op.create_table(
        "program_enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("program", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["partner_account.tenant_id"], name=op.f("fk_program_enrolment_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_enrolment")),
        sa.UniqueConstraint("tenant_id", "program", name=op.f("uq_program_enrolment_tenant_id_program")),
    )
    op.create_index(op.f("ix_program_enrolment_kind"), "program_enrolment", ["kind"], unique=False)
    op.create_table(
        "redirect_uri",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("uri", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_redirect_uri_application_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redirect_uri")),
        sa.UniqueConstraint(
            "application_id", "platform", "uri", name=op.f("uq_redirect_uri_application_id_platform_uri")
        ),
    )
    op.create_index(op.f("ix_redirect_uri_application_id"), "redirect_uri", ["application_id"], unique=False)
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(length=12), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_refresh_token_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_refresh_token_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_token")),
    )
    op.create_index(op.f("ix_refresh_token_code_hash"), "refresh_token", ["code_hash"], unique=False)
    op.create_index(op.f("ix_refresh_token_expires_at"), "refresh_token", ["expires_at"], unique=False)
    op.create_index(op.f("ix_refresh_token_family_id"), "refresh_token", ["family_id"], unique=False)
    op.create_index(op.f("ix_refresh_token_session_id"), "refresh_token", ["session_id"], unique=False)
    op.create_index(op.f("ix_refresh_token_user_id"), "refresh_token", ["user_id"], unique=False)
    op.create_table(
        "role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("assigned_by", sa.String(length=320), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_role_assignment_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_role_assignment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignment")),
        sa.UniqueConstraint("user_id", "role", "scope", name=op.f("uq_role_assignment_user_id_role_scope")),
    )
    op.create_index("ix_role_assignment_tenant_role", "role_assignment", ["tenant_id", "role"], unique=False)
    op.create_table(
        "sandbox_user",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("upn", sa.String(length=320), nullable=False),
        sa.Column("password", sa.String(length=120), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_sandbox_user_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_sandbox_user_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_sandbox_user")),
    )
    op.create_table(
        "service_principal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.Column("account_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["app_id"], ["application.app_id"], name=op.f("fk_service_principal_app_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_service_principal_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_principal")),
        sa.UniqueConstraint("tenant_id", "app_id", name=op.f("uq_service_principal_tenant_id_app_id")),
    )
    op.create_index(op.f("ix_service_principal_app_id"), "service_principal", ["app_id"], unique=False)
    op.create_table(
        "sign_in_challenge",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_sign_in_challenge_user_id")),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_sign_in_challenge")),
    )
    op.create_index(op.f("ix_sign_in_challenge_expires_at"), "sign_in_challenge", ["expires_at"], unique=False)
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("amr", sa.Text(), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mfa_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_persistent", sa.Boolean(), nullable=False),
        sa.Column("asked_to_stay", sa.Boolean(), nullable=False),
        sa.Column("ip_address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["directory_user.id"], name=op.f("fk_sign_in_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
    )
    op.create_index(op.f("ix_sign_in_session_browser_hash"), "sign_in_session", ["browser_hash"], unique=False)
    op.create_index(op.f("ix_sign_in_session_expires_at"), "sign_in_session", ["expires_at"], unique=False)
    op.create_index("ix_sign_in_session_user", "sign_in_session", ["user_id", "ended_at"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commerce_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column(
            "order_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("line_number", sa.BigInteger(), nullable=False),
        sa.Column(
            "product_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sku_id", sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "availability_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("market", sa.String(length=2), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("offer_name", sa.String(length=256), nullable=False),
        sa.Column("friendly_name", sa.String(length=256), nullable=False),
        sa.Column("publisher_name", sa.String(length=128), nullable=False),
        sa.Column("is_microsoft", sa.Boolean(), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("is_addon", sa.Boolean(), nullable=False),
        sa.Column("is_renewable", sa.Boolean(), nullable=False),
        sa.Column("converts_to", sa.String(length=40), nullable=False),
        sa.Column("provisioning_id", sa.Uuid(), nullable=True),
        sa.Column("provisioning_string", sa.String(length=80), nullable=False),
        sa.Column("minimum_quantity", sa.BigInteger(), nullable=False),
        sa.Column("maximum_quantity", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.String(length=12), nullable=False),
        sa.Column("billing_cycle", sa.String(length=40), nullable=False),
        sa.Column("auto_renew_enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provisioned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("term_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("term_ends_on", sa.Date(), nullable=True),
        sa.Column("window_opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("blocks", sa.Text(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("promotion_id", sa.String(length=40), nullable=False),
        sa.Column("price_id", sa.Uuid(), nullable=True),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("cycle_starts_on", sa.Date(), nullable=True),
        sa.Column("cycle_ends_on", sa.Date(), nullable=True),
        sa.Column("scheduled", sa.Text(), nullable=True),
        sa.Column("next_charge_cycle", sa.String(length=20), nullable=False),
        sa.Column(
            "mpn_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("support_contact", sa.Text(), nullable=True),
        sa.Column("registration", sa.String(length=20), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["commerce_id"], ["customer.commerce_id"], name=op.f("fk_subscription_commerce_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_subscription_customer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_subscription_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_customer", "subscription", ["commerce_id", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_subscription_customer_id"), "subscription", ["customer_id"], unique=False)
    op.create_index("ix_subscription_order", "subscription", ["order_id"], unique=False)
    op.create_index(
        "ix_subscription_partner_end", "subscription", ["partner_id", "status", "term_ends_on", "id"], unique=False
    )
    op.create_table(
        "verification_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason_code", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=1024), nullable=False),
        sa.Column("comment", sa.String(length=2000), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("appeals", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("code_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_failures", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_name", sa.String(length=320), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["partner_account.tenant_id"], name=op.f("fk_verification_check_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_check")),
        sa.UniqueConstraint("tenant_id", "round", "check", name=op.f("uq_verification_check_tenant_id_round_check")),
    )
    op.create_index(op.f("ix_verification_check_link_hash"), "verification_check", ["link_hash"], unique=False)
    op.create_index("ix_verification_check_state", "verification_check", ["state", "submitted_at", "id"], unique=False)
    op.create_table(
        "app_role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("resource_principal_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("principal_kind", sa.String(length=40), nullable=False),
        sa.Column("app_role_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_principal_id"],
            ["service_principal.id"],
            name=op.f("fk_app_role_assignment_resource_principal_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_app_role_assignment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_role_assignment")),
        sa.UniqueConstraint(
            "resource_principal_id",
            "principal_id",
            "app_role_id",
            name=op.f("uq_app_role_assignment_resource_principal_id_principal_id_app_role_id"),
        ),
    )
    op.create_index(op.f("ix_app_role_assignment_principal_id"), "app_role_assignment", ["principal_id"], unique=False)
    op.create_index(op.f("ix_app_role_assignment_tenant_id"), "app_role_assignment", ["tenant_id"], unique=False)
    op.create_table(
        "azure_entitlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("friendly_name", sa.String(length=256), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancellation_reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_azure_entitlement_customer_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_azure_entitlement_subscription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_azure_entitlement")),
    )
    op.create_index(
        op.f("ix_azure_entitlement_subscription_id"), "azure_entitlement", ["subscription_id"], unique=False
    )
    op.create_table(
        "customer_order",
        sa.Column(
            "id", sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("commerce_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("partner_id", sa.Uuid(), nullable=False),
        sa.Column("cart_id", sa.Uuid(), nullable=True),
        sa.Column(
            "origin_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("billing_cycle", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("transaction_type", sa.String(length=40), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("attestation_accepted", sa.Boolean(), nullable=True),
        sa.Column("placed_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purchase_order", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cart_id"], ["cart.id"], name=op.f("fk_customer_order_cart_id")),
        sa.ForeignKeyConstraint(["commerce_id"], ["customer.commerce_id"], name=op.f("fk_customer_order_commerce_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_customer_order_customer_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["tenant.id"], name=op.f("fk_customer_order_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_order")),
    )
    op.create_index("ix_customer_order_customer", "customer_order", ["commerce_id", "created_at", "id"], unique=False)
    op.create_index("ix_customer_order_origin", "customer_order", ["origin_id"], unique=False)
    op.create_index("ix_customer_order_partner", "customer_order", ["partner_id", "created_at", "id"], unique=False)
    op.create_index("ix_customer_order_tenant", "customer_order", ["customer_id", "created_at", "id"], unique=False)
    op.create_table(
        "oauth2_permission_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_principal_id", sa.Uuid(), nullable=False),
        sa.Column("resource_principal_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_principal_id"],
            ["service_principal.id"],
            name=op.f("fk_oauth2_permission_grant_client_principal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["principal_id"], ["directory_user.id"], name=op.f("fk_oauth2_permission_grant_principal_id")
        ),
        sa.ForeignKeyConstraint(
            ["resource_principal_id"],
            ["service_principal.id"],
            name=op.f("fk_oauth2_permission_grant_resource_principal_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_oauth2_permission_grant_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth2_permission_grant")),
        sa.UniqueConstraint(
            "client_principal_id",
            "resource_principal_id",
            "principal_id",
            name=op.f("uq_oauth2_permission_grant_client_principal_id_resource_principal_id_principal_id"),
        ),
    )
    op.create_index(
        op.f("ix_oauth2_permission_grant_client_principal_id"),
        "oauth2_permission_grant",
        ["client_principal_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_oauth2_permission_grant_tenant_id"), "oauth2_permission_grant", ["tenant_id"], unique=False
    )
    op.create_table(
        "session_client",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("app_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sign_in_session.id"], name=op.f("fk_session_client_session_id")),
        sa.PrimaryKeyConstraint("session_id", "app_id", name=op.f("pk_session_client")),
    )
    op.create_table(
        "subscription_transition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("target_subscription_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("from_item", sa.String(length=40), nullable=False),
        sa.Column("to_item", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.String(length=12), nullable=False),
        sa.Column("billing_cycle", sa.String(length=40), nullable=False),
        sa.Column("transition_type", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["tenant.id"], name=op.f("fk_subscription_transition_customer_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_subscription_transition_subscription_id")
        ),
        sa.ForeignKeyConstraint(
            ["target_subscription_id"],
            ["subscription.id"],
            name=op.f("fk_subscription_transition_target_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_transition")),
    )
    op.create_index(
        op.f("ix_subscription_transition_subscription_id"), "subscription_transition", ["subscription_id"], unique=False
    )
    op.create_table(
        "verification_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_by", sa.String(length=320), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_id"], ["verification_check.id"], name=op.f("fk_verification_document_check_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["partner_account.tenant_id"], name=op.f("fk_verification_document_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_document")),
    )
    op.create_index(op.f("ix_verification_document_check_id"), "verification_document", ["check_id"], unique=False)
    op.create_table(
        "customer_order_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "order_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("attachment_type", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_by", sa.String(length=320), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["customer_order.id"], name=op.f("fk_customer_order_attachment_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_order_attachment")),
    )
    op.create_index(
        op.f("ix_customer_order_attachment_order_id"), "customer_order_attachment", ["order_id"], unique=False
    )
    op.create_table(
        "customer_order_line",
        sa.Column(
            "order_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_type", sa.String(length=40), nullable=False),
        sa.Column(
            "product_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "sku_id", sa.String(length=4).with_variant(sa.String(length=4, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column(
            "availability_id",
            sa.String(length=12).with_variant(sa.String(length=12, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=256), nullable=False),
        sa.Column("friendly_name", sa.String(length=256), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("duration", sa.String(length=12), nullable=False),
        sa.Column("renews_to", sa.String(length=12), nullable=False),
        sa.Column("promotion_id", sa.String(length=40), nullable=False),
        sa.Column("custom_term_end_on", sa.Date(), nullable=True),
        sa.Column("attestation_accepted", sa.Boolean(), nullable=True),
        sa.Column("participants", sa.Text(), nullable=False),
        sa.Column("provisioning_context", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("parent_subscription_id", sa.Uuid(), nullable=True),
        sa.Column("price_id", sa.Uuid(), nullable=True),
        sa.Column("discount", sa.BigInteger(), nullable=False),
        sa.Column("prices", sa.Text(), nullable=False),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["customer_order.id"], name=op.f("fk_customer_order_line_order_id")),
        sa.ForeignKeyConstraint(
            ["parent_subscription_id"], ["subscription.id"], name=op.f("fk_customer_order_line_parent_subscription_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_customer_order_line_subscription_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_customer_order_line")),
    )
    op.create_index("ix_customer_order_line_subscription", "customer_order_line", ["subscription_id"], unique=False)
    search.create(op.get_bind())

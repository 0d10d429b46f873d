"""Headings that real files use, as data: strong names are taken, weak ones when their cells agree.

Spellings are matched after `headings.key`, so each stands here once. Names in other languages are those of
the translated Partner Center help pages (2016 to 2021).
"""

from __future__ import annotations

__all__ = ["NEVER", "STRONG", "WEAK"]

STRONG: dict[str, tuple[str, ...]] = {
    "customer_id": (
        "Customer Tenant ID", "Microsoft ID", "Microsoft Tenant ID", "Tenant GUID", "CustomerContextId",
        "ExternalPublisherCustomerId", "ID Microsoft", "Identificador de Microsoft", "ID da Microsoft",
        "Идентификатор Майкрософт", "Identyfikator firmy Microsoft", "ID Microsoftu", "Microsoft kimliği",
    ),
    "domain": (
        "domain", "Primary domain name", "Primary domain", "Domain name", "CustomerDomainName",
        "Customer domain", "DefaultDomainName", "Default domain", "TenantDomainName", "TenantPrimaryDomain",
        "Primärer Domänenname", "Nom de domaine principal", "Nombre de dominio principal",
        "Nombre del dominio principal", "Nome di dominio primario", "Nome dominio primario",
        "Nome de domínio primário", "プライマリ ドメイン名", "主域名", "主功能變數名稱", "主要網域名稱",
        "주 도메인 이름", "Имя основного домена", "Primaire domein naam", "Nazwa domeny podstawowej",
        "Název primární domény", "Primärt domän namn", "Birincil etki alanı adı",
    ),
    "qualification": (
        "qualification", "Special qualification", "Special qualifications", "Customer qualification",
        "Qualification type", "Spezieller Qualifizierungsstatus", "Spezielle Qualifizierungsstatus",
        "Qualifications spéciales", "Calificaciones especiales", "Qualifiche speciali",
        "Qualificações especiais", "Specialkvalifikationer", "特別な資格", "特殊資格",
        "специальные квалификации",
    ),
    "validation_code": (
        "validation_code", "ValidationId", "GCC code", "GCC validation code",
    ),
    "education_segment": (
        "education_segment", "Edu segment", "Utbildningssegment", "Bildungssegment",
    ),
    "website": ("website", "Education Website", "Customer website", "School website"),
    "customer_name": (
        "customer_name", "Company name", "CustomerCompanyName", "OrganizationDisplayName",
        "End Customer Name", "Tenant name", "customer.displayName", "Firmenname", "Nom de la société",
        "Nombre de la empresa", "Nombre de la compañía", "Nome società", "Nome azienda", "Nome da empresa",
        "会社名", "公司名称", "公司名稱", "회사 이름", "Название организации", "Bedrijfs naam", "Nazwa firmy",
        "Název společnosti", "Företags namn", "Şirket adı",
    ),
    "account_owner": ("account_owner", "Account manager"),
}  # fmt: skip

WEAK: dict[str, tuple[str, ...]] = {
    "customer_id": ("TenantId", "CustomerId", "tenant", "UUID", "GUID", "externalId", "id"),
    "domain": ("initialDomainName", "onmicrosoft", "DomainPrefix", "tenant", "CustomerTenantName"),
    "qualification": ("Type", "Segment type", "value__"),
    "validation_code": ("Code",),
    "education_segment": ("Segment",),
    "website": ("URL", "Web"),
    "customer_name": ("Name", "displayName", "CustomerTenantName", "Agency", "School", "Organization"),
    "account_owner": ("Owner", "Responsible", "Technician", "Betreuer"),
}
"""In the order in which they are tried."""

NEVER: dict[str, str] = {
    "PartnerTenantId": "the partner's own tenant",
    "PartnerId": "the partner",
    "MPNID": "a partner number",
    "ResellerMPNID": "a partner number",
    "AssociatedPartnerId": "a partner number",
    "CommerceId": "a billing account",
    "Microsoft Commerce ID": "a billing account",
    "CustomerTpid": "a top parent number",
    "TPID": "a top parent number",
    "DUNSNumber": "a company number",
    "ObjectId": "an object of the directory, not the tenant",
    "SubscriptionId": "a subscription",
    "OrderId": "an order",
    "plan_id": "a plan",
    "sub_id": "a subscription",
    "GdapRelationshipId": "a relationship",
    "CustomerDelegatedAdminRelationshipId": "a relationship",
    "PublisherCustomerId": "the distributor's own number",
    "Customer Account ID": "the distributor's own number",
    "Reseller ID": "a reseller",
    "Company ID": "the marketplace's own number",
    "account_id": "the distributor's own number",
    "CustomerBillableAccount": "a billing account",
    "BatchId": "a migration batch",
    "MigrationId": "a migration",
}
"""Columns that look like the customer's ID and are not, with what they are."""

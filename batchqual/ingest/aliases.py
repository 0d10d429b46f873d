"""Headings that real files use, as data: strong names are taken, weak ones when their cells agree.

Spellings are matched after `headings.key`, so each stands here once. Names in other languages are those of
the translated Partner Center help pages (2016 to 2021), and the plain translations of our fields.
"""

from __future__ import annotations

__all__ = ["NEVER", "STRONG", "WEAK"]

STRONG: dict[str, tuple[str, ...]] = {
    "customer_id": (
        "Customer Tenant ID", "Microsoft ID", "Microsoft Tenant ID", "Tenant GUID", "CustomerContextId",
        "ExternalPublisherCustomerId", "ID Microsoft", "Identificador de Microsoft", "ID da Microsoft",
        "Идентификатор Майкрософт", "Identyfikator firmy Microsoft", "ID Microsoftu", "Microsoft kimliği",
        "Kundenmandanten-ID", "Mandanten-ID des Kunden", "ID de locataire du client",
        "ID de inquilino del cliente", "ID tenant del cliente", "Tenant-id van klant",
        "ID de locatário do cliente", "顧客のテナント ID",
    ),
    "domain": (
        "domain", "Primary domain name", "Primary domain", "Domain name", "CustomerDomainName",
        "Customer domain", "DefaultDomainName", "Default domain", "TenantDomainName", "TenantPrimaryDomain",
        "Primärer Domänenname", "Nom de domaine principal", "Nombre de dominio principal",
        "Nombre del dominio principal", "Nome di dominio primario", "Nome dominio primario",
        "Nome de domínio primário", "プライマリ ドメイン名", "主域名", "主功能變數名稱", "主要網域名稱",
        "주 도메인 이름", "Имя основного домена", "Primaire domein naam", "Nazwa domeny podstawowej",
        "Název primární domény", "Primärt domän namn", "Birincil etki alanı adı",
        "Domäne", "Domänenname", "Primäre Domäne", "Domaine", "Nom de domaine", "Domaine principal",
        "Dominio", "Nombre de dominio", "Dominio principal", "Nome dominio", "Nome di dominio",
        "Dominio primario", "Domein", "Domeinnaam", "Primair domein", "Domínio", "Nome de domínio",
        "Domínio primário", "Domínio principal", "ドメイン", "ドメイン名", "プライマリ ドメイン",
    ),
    "qualification": (
        "qualification", "Special qualification", "Special qualifications", "Customer qualification",
        "Qualification type", "Spezieller Qualifizierungsstatus", "Spezielle Qualifizierungsstatus",
        "Qualifications spéciales", "Calificaciones especiales", "Qualifiche speciali",
        "Qualificações especiais", "Specialkvalifikationer", "特別な資格", "特殊資格",
        "специальные квалификации", "Qualifikation", "Qualifizierung", "Qualifizierungsstatus",
        "Spezielle Qualifikation", "Spezielle Qualifikationen", "Besondere Qualifikation",
        "Besondere Qualifikationen", "Qualifications", "Qualification spéciale", "Calificación",
        "Calificaciones", "Calificación especial", "Cualificación", "Cualificaciones especiales", "Qualifica",
        "Qualifiche", "Qualifica speciale", "Kwalificatie", "Kwalificaties", "Speciale kwalificatie",
        "Speciale kwalificaties", "Bijzondere kwalificaties", "Qualificação", "Qualificações",
        "Qualificação especial", "資格", "特別資格",
    ),
    "validation_code": (
        "validation_code", "ValidationId", "GCC code", "GCC validation code", "Validierungscode",
        "Code de validation", "Código de validación", "Codice di convalida", "Validatiecode",
        "Código de validação", "検証コード",
    ),
    "education_segment": (
        "education_segment", "Edu segment", "Utbildningssegment", "Bildungssegment", "Segment Éducation",
        "Segment éducatif", "Segment de l'éducation", "Segmento educativo", "Segmento de educación",
        "Segmento Istruzione", "Segmento dell'istruzione", "Onderwijssegment", "Segmento educacional",
        "Segmento de educação", "Segmento da educação", "教育セグメント", "教育機関セグメント",
    ),
    "website": (
        "website", "Education Website", "Customer website", "School website", "Webseite", "Site web",
        "Sitio web", "Sito web", "Web サイト", "ウェブサイト",
    ),
    "customer_name": (
        "customer_name", "Company name", "CustomerCompanyName", "OrganizationDisplayName",
        "End Customer Name", "Tenant name", "customer.displayName", "Firmenname", "Nom de la société",
        "Nombre de la empresa", "Nombre de la compañía", "Nome società", "Nome azienda", "Nome da empresa",
        "会社名", "公司名称", "公司名稱", "회사 이름", "Название организации", "Bedrijfs naam", "Nazwa firmy",
        "Název společnosti", "Företags namn", "Şirket adı", "Kundenname", "Unternehmensname",
        "Nom du client", "Nom de l'entreprise", "Nombre del cliente", "Nome cliente", "Nome del cliente",
        "Nome della società", "Klantnaam", "Nome do cliente", "顧客名", "企業名",
    ),
    "account_owner": ("account_owner", "Account manager"),
}  # fmt: skip

WEAK: dict[str, tuple[str, ...]] = {
    "customer_id": (
        "TenantId", "Mandanten-ID", "ID de locataire", "ID du locataire", "ID de inquilino",
        "ID del inquilino", "ID tenant", "ID del tenant", "ID do locatário", "ID de locatário", "テナント ID",
        "CustomerId", "Kunden-ID", "ID client", "ID du client", "ID de cliente", "ID del cliente",
        "ID cliente", "Klant-id", "ID do cliente", "顧客 ID", "お客様 ID", "tenant", "UUID", "GUID",
        "externalId", "id",
    ),
    "domain": ("initialDomainName", "onmicrosoft", "DomainPrefix", "tenant", "CustomerTenantName"),
    "qualification": ("Type", "Segment type", "value__"),
    "validation_code": ("Code",),
    "education_segment": ("Segment", "Segmento", "セグメント"),
    "website": ("URL", "Web"),
    "customer_name": ("Name", "displayName", "CustomerTenantName", "Agency", "School", "Organization"),
    "account_owner": ("Owner", "Responsible", "Technician", "Betreuer"),
}  # fmt: skip
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

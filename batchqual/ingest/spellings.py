"""Spellings of values, as data: what people and exports write where the service wants one fixed word."""

from __future__ import annotations

from batchqual.model import EducationSegment, Qualification

from .headings import key

__all__ = [
    "NOT_SEGMENTS",
    "NUMBERED",
    "PLACEHOLDERS",
    "QUALIFICATIONS",
    "SEGMENTS",
    "TOTALS",
    "UNSETTABLE",
    "is_status",
]

PLACEHOLDERS = frozenset(
    {"no data", "n/a", "#n/a", "null", "none", "-", "–", "—", "―", "ー", "not available"}
)
"""Texts (case-folded) with which exports and people say that a cell is empty."""

QUALIFICATIONS: dict[str, Qualification] = {
    key(name): qualification
    for qualification, names in {
        Qualification.EDUCATION: (
            "Education", "EDU", "Éducation", "Educación", "Educação", "Istruzione", "Bildung", "Onderwijs",
            "Utbildning", "Edukacja", "Vzdělávání", "Eğitim", "教育", "교육", "образование",
        ),
        Qualification.GCC: ("GovernmentCommunityCloud", "GCC"),
        Qualification.SOE: ("StateOwnedEntity", "SOE"),
    }.items()
    for name in names
}  # fmt: skip

NUMBERED = {"1": Qualification.EDUCATION, "3": Qualification.GCC, "4": Qualification.SOE}
"""The service's enumeration, which a PowerShell export shows in place of the names."""

UNSETTABLE = {
    key(name): meaning
    for meaning, names in {
        "None": (
            "None", "0", "Aucun", "Aucune", "Ninguno", "Ninguna", "Nenhum", "Nenhuma", "Nessuno", "Nessuna",
            "Kein", "Keine", "Geen", "Ingen", "Brak", "Yok", "Нет", "なし", "無", "无", "없음",
        ),
        "Nonprofit": ("Nonprofit", "2", "Gemeinnützig", "非営利"),
    }.items()
    for name in names
}  # fmt: skip

_STATUS_STARTS = tuple(
    map(
        key,
        (
            "In Review", "Not an education customer", "Approved", "Denied",
            "In Überprüfung", "In Prüfung", "Wird überprüft", "Genehmigt", "Abgelehnt", "Verweigert",
            "En cours de révision", "En cours d'examen", "Approuvé", "Refusé",
            "En revisión", "Aprobado", "Denegado", "Rechazado",
            "In revisione", "In corso di revisione", "Approvato", "Negato", "Rifiutato",
            "In beoordeling", "In behandeling", "Goedgekeurd", "Geweigerd", "Afgewezen",
            "Em revisão", "Em análise", "Aprovado", "Negado", "Recusado",
            "レビュー中", "審査中", "確認中", "承認済み", "承認されました", "拒否", "却下",
        ),
    )
)  # fmt: skip
_STATUS_PARTS = tuple(
    map(
        key,
        (
            "Kein Bildungskunde", "No es un cliente educativo", "não é um cliente educacional",
            "pas un client Éducation", "Non è un cliente del settore", "Geen onderwijsklant",
            "教育機関のお客様ではありません",
        ),
    )
)  # fmt: skip

SEGMENTS: dict[str, EducationSegment] = {
    key(name): segment
    for segment, names in {
        EducationSegment.K12: (
            "K12", "K through 12", "K to 12", "K12 Education", "Education K12", "EDU K12", "K12 School",
            "Primary and Secondary", "Primary Secondary", "Primary and Secondary Education",
            "Primary Secondary Education", "Primary Secondary Education K12",
            "Primary and Secondary Education K12", "Primary and Secondary Edu", "Primary Secondary Edu K12",
            "Primary and Secondary Edu K12", "Primar- und Sekundarbildung",
            "Enseignement primaire et secondaire", "Educación primaria y secundaria",
            "Istruzione primaria e secondaria", "Primair en secundair onderwijs",
            "Educação primária e secundária", "初等中等教育",
        ),
        EducationSegment.HIGHER_EDUCATION: (
            "HigherEducation", "Higher Ed", "Higher Edu", "HiEd", "Education Higher Education",
            "Higher Education Institution", "Hochschulbildung", "Enseignement supérieur",
            "Educación superior", "Enseñanza superior", "Hoger onderwijs", "Ensino superior",
            "Educação superior", "高等教育",
        ),
    }.items()
    for name in names
}  # fmt: skip

TOTALS = frozenset(
    map(
        key,
        (
            "Total", "Totals", "Grand Total", "Subtotal", "Sum", "Summe", "Zwischensumme", "Gesamt",
            "Gesamtsumme", "Total général", "Sous-total", "Somme", "Suma", "Total general", "Somma", "Totale",
            "Subtotale", "Totaal", "Eindtotaal", "Subtotaal", "Soma", "Total geral", "合計", "小計", "総計",
        ),
    )
)  # fmt: skip
"""Words that begin a line of totals; none of them is a code."""

NOT_SEGMENTS = frozenset(map(key, ("Libraries & Museums", "Libraries and Museums", "Library", "Museum")))
"""Kinds of education customer that are neither of the two segments."""


def is_status(folded: str) -> bool:
    """Whether a value (after `headings.key`) is a vetting status that somebody pasted, not a wish."""
    return folded.startswith(_STATUS_STARTS) or any(part in folded for part in _STATUS_PARTS)

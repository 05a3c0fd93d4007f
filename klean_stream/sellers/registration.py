"""Is a company registration number well-formed for its country? Check digits by python-stdnum."""

import importlib
from functools import cache
from types import ModuleType

# ISO 3166-1 country -> the module of python-stdnum for the number that a business of that country gives: the
# company or enterprise number where there is one, else the tax or VAT number. Only modules that check
# offline and whose numbers have a check digit or a strict structure; a country that is not here is not
# checked. Singapore is not, because sg.uen compares with today's date: the same sign-up could be judged
# otherwise in a replay.
MODULES: dict[str, str] = {
    "AL": "al.nipt",
    "AR": "ar.cuit",
    "AT": "at.uid",
    "AU": "au.abn",
    "AZ": "az.voen",
    "BE": "be.vat",
    "BG": "bg.vat",
    "BR": "br.cnpj",
    "BY": "by.unp",
    "CA": "ca.bn",
    "CH": "ch.uid",
    "CL": "cl.rut",
    "CN": "cn.uscc",
    "CR": "cr.cpj",
    "CY": "cy.vat",
    "CZ": "cz.dic",
    "DE": "de.vat",
    "DK": "dk.cvr",
    "DO": "do.rnc",
    "DZ": "dz.nif",
    "EC": "ec.ruc",
    "EE": "ee.registrikood",
    "ES": "es.cif",
    "FI": "fi.ytunnus",
    "FR": "fr.siren",
    "GB": "gb.vat",
    "GR": "gr.vat",
    "GT": "gt.nit",
    "HR": "hr.oib",
    "HU": "hu.anum",
    "ID": "id.npwp",
    "IE": "ie.vat",
    "IL": "il.hp",
    "IN": "in_.gstin",
    "IS": "is_.kennitala",
    "IT": "it.iva",
    "JP": "jp.cn",
    "KR": "kr.brn",
    "LT": "lt.pvm",
    "LU": "lu.tva",
    "LV": "lv.pvn",
    "MA": "ma.ice",
    "MC": "mc.tva",
    "MD": "md.idno",
    "ME": "me.pib",
    "MK": "mk.edb",
    "MT": "mt.vat",
    "MX": "mx.rfc",
    "NL": "nl.btw",
    "NO": "no.orgnr",
    "NZ": "nz.ird",
    "PE": "pe.ruc",
    "PL": "pl.nip",
    "PT": "pt.nif",
    "PY": "py.ruc",
    "RO": "ro.cui",
    "RS": "rs.pib",
    "RU": "ru.inn",
    "SE": "se.orgnr",
    "SI": "si.ddv",
    "SK": "sk.dph",
    "SM": "sm.coe",
    "SV": "sv.nit",
    "TH": "th.tin",
    "TR": "tr.vkn",
    "TW": "tw.ubn",
    "UA": "ua.edrpou",
    "US": "us.ein",
    "UY": "uy.rut",
    "VE": "ve.rif",
    "VN": "vn.mst",
    "ZA": "za.tin",
}
_KOREAN_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def scheme_of(country: str) -> str | None:
    """Give the name of the numbering scheme that is checked for a country, such as ``kr.brn``, or None."""
    return MODULES.get(country)


def is_valid(number: str, scheme: str) -> bool:
    """Say whether a number is well-formed in its scheme. Nothing is looked up anywhere."""
    valid: bool = _module(scheme).is_valid(number)
    return valid and (scheme != "kr.brn" or _has_korean_check_digit(number))


def _has_korean_check_digit(number: str) -> bool:
    """Check the last of a Korean business number's ten digits, which python-stdnum leaves unchecked.

    Each of the first nine is multiplied by its weight, and the tens of the ninth product count a second time;
    the last digit fills the sum up to a multiple of ten. (The Korean National Tax Service's published rule;
    it holds for the numbers that companies print, such as 124-81-00998.)
    """
    *digits, last = (int(digit) for digit in _module("kr.brn").compact(number))
    total = sum(weight * digit for weight, digit in zip(_KOREAN_WEIGHTS, digits, strict=True))
    return (total + digits[8] * 5 // 10 + last) % 10 == 0


@cache
def _module(scheme: str) -> ModuleType:
    return importlib.import_module(f"stdnum.{scheme}")

from features.claims import load_claims
from models.claim_matches import ClaimMatches


def ids(claims):
    return {claim.claim_id for claim in claims}


def test_claims_of_a_drug_and_of_its_class_and_no_others():
    matches = ClaimMatches.of("cisplatin", load_claims())
    named = {claim.drug for claim in matches.claims}
    assert named == {"Cisplatin", None}
    classes = {claim.drug_class for claim in matches.claims if claim.drug is None}
    assert classes <= {"platinum", "chemotherapy", "DNA-damaging chemotherapy"}
    assert "chemotherapy" in classes


def test_a_drug_without_class_has_the_claims_that_name_it():
    assert {c.drug for c in ClaimMatches.of("CuATSM", load_claims()).claims} == {"CuATSM"}
    assert ClaimMatches.of("no such drug", load_claims()).claims == ()


def test_directions_are_told_apart():
    matches = ClaimMatches.of("Cisplatin", load_claims())
    high_is_sensitive = matches.compare("SLC31A1", "sensitivity")
    high_is_resistant = matches.compare("SLC31A1", "resistance")
    assert high_is_sensitive.agreeing
    assert ids(high_is_sensitive.agreeing) == ids(high_is_resistant.opposing)
    assert ids(high_is_sensitive.opposing) == ids(high_is_resistant.agreeing)


def test_features_are_known_by_their_gene_or_set():
    matches = ClaimMatches.of("Cisplatin", load_claims())
    by_gene, by_feature = (matches.compare(n, "resistance") for n in ("OPA1", "gene:OPA1"))
    assert by_gene == by_feature
    assert by_gene.agreeing or by_gene.opposing
    assert matches.compare("set:mitophagy", "resistance").agreeing


def test_a_complex_is_a_part_of_oxphos():
    matches = ClaimMatches.of("Cisplatin", load_claims())
    assert ids(matches.compare("oxphos_complex_i", "resistance").agreeing) >= ids(
        matches.compare("oxphos", "resistance").agreeing
    )
    assert matches.compare("oxphos", "resistance").agreeing


def test_without_a_direction_or_a_claim_there_is_nothing_to_say():
    matches = ClaimMatches.of("Cisplatin", load_claims())
    for entry, direction in (("OPA1", None), ("lineage", "resistance"), ("NOSUCH", "resistance")):
        found = matches.compare(entry, direction)
        assert (found.agreeing, found.opposing, found.silent) == ((), (), ())

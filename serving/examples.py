"""Examples of requests for the OpenAPI file: such that the bundle that answers can answer them.

A handful of genes would show the form and end in 422, for too few genes of the panel. So the
examples name every gene that the bundle needs, each with its mean over the training lines; tests
send every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle
    from serving.reviews.standing import BundleStanding


@dataclass(frozen=True, slots=True)
class ExampleProfiles:
    """Two profiles, and what is asked about them.

    Attributes
    ----------
    genes
        Symbols.
    values
        One row a profile.
    scale
        What the values are.
    drug
        One that the bundle knows.
    lineage
        One that the bundle knows.
    """

    genes: tuple[str, ...]
    values: tuple[tuple[float, ...], tuple[float, ...]]
    scale: str
    drug: str
    lineage: str


SHORT = ExampleProfiles(
    genes=("FDX1", "DLAT", "SLC31A1", "DNM1L"),
    values=((5.2, 6.1, 3.4, 4.8), (6.0, 5.7, 2.9, 5.1)),
    scale="log2_tpm",
    drug="Cisplatin",
    lineage="Lung",
)
IDS = ("patient 1", "patient 2")
Examples = dict[str, dict[str, Any]]


def example_profiles(served: ServedBundle, standing: BundleStanding) -> ExampleProfiles:
    """Make profiles near the mean of the training lines of a bundle, which are nobody's.

    Parameters
    ----------
    served
        What is to answer them.
    standing
        Where its drugs stand: the example asks for one that is answered.
    """
    bundle = served.bundle
    features = bundle.bundle.features
    reference = features.reference_
    at = dict(zip(reference.genes, zip(reference.location, reference.scale, strict=True),
                  strict=True))  # fmt: skip
    genes = tuple(features.required_genes_)
    answered = [drug for drug in bundle.drugs if standing.is_answered(drug)]
    statuses = dict(zip(bundle.drugs, bundle.statuses, strict=True))
    supported = [drug for drug in answered if statuses[drug] != "withheld"]
    return ExampleProfiles(
        genes=genes,
        values=(
            tuple(round(float(at[gene][0]), 1) for gene in genes),
            tuple(round(float(at[gene][0] + at[gene][1]), 1) for gene in genes),
        ),
        scale=bundle.expression_scale,
        drug=(supported or answered or bundle.drugs)[0],
        lineage=(*bundle.lineages, SHORT.lineage)[0],
    )


def fill_examples(document: Mapping[str, Any], profiles: ExampleProfiles) -> None:
    """Put examples into an OpenAPI document, in place of those of the same routes."""
    for path, make in EXAMPLES.items():
        operation = document["paths"].get(path, {}).get("post")
        if operation is not None:
            content = operation["requestBody"]["content"]["application/json"]
            content["examples"] = {name: {"value": value} for name, value in make(profiles).items()}


def prediction_examples(profiles: ExampleProfiles) -> Examples:
    """Write requests of /v1/predictions."""
    expression = dict(zip(profiles.genes, profiles.values[0], strict=True))
    by_profile = {
        "scale": profiles.scale,
        "profiles": [
            {
                "id": IDS[0],
                "expression": expression,
                "covariates": {"lineage": profiles.lineage},
            }
        ],
        "level": 0.9,
    }
    return {"by column": _columns(profiles) | _drugs(profiles), "by profile": by_profile}


def explanation_examples(profiles: ExampleProfiles) -> Examples:
    """Write requests of /v1/explanations."""
    return {"by column": _columns(profiles) | _drugs(profiles) | {"top": 5}}


def validation_examples(profiles: ExampleProfiles) -> Examples:
    """Write requests of /v1/validations."""
    return {"by column": _columns(profiles)}


def scoring_examples(profiles: ExampleProfiles) -> Examples:
    """Write requests of /invocations, in each of the forms of MLflow."""
    record = {"sample_id": IDS[0], **dict(zip(profiles.genes, profiles.values[0], strict=True))}
    forms: dict[str, Any] = {
        "dataframe_split": {"columns": list(record), "data": [list(record.values())]},
        "dataframe_records": [record],
        "instances": [record],
        "inputs": {name: [value] for name, value in record.items()},
    }
    params = {"scale": profiles.scale} | _drugs(profiles)
    return {name: {name: form, "params": params} for name, form in forms.items()}


def tensor_examples(profiles: ExampleProfiles) -> Examples:
    """Write requests of /v2/models/{name}/infer."""
    n_genes = len(profiles.genes)
    expression = {"name": "expression", "datatype": "FP64", "shape": [1, n_genes]}
    genes = {"name": "genes", "datatype": "BYTES", "shape": [n_genes]}
    return {
        "one profile": {
            "id": "1",
            "parameters": {"scale": profiles.scale} | _drugs(profiles),
            "inputs": [
                expression | {"data": list(profiles.values[0])},
                genes | {"data": list(profiles.genes)},
            ],
            "outputs": [{"name": "probability_sensitive"}, {"name": "label"}],
        }
    }


EXAMPLES: dict[str, Callable[[ExampleProfiles], Examples]] = {
    "/v1/predictions": prediction_examples,
    "/v1/explanations": explanation_examples,
    "/v1/validations": validation_examples,
    "/invocations": scoring_examples,
    "/v2/models/{name}/infer": tensor_examples,
    "/v2/models/{name}/versions/{version}/infer": tensor_examples,
}


def _columns(profiles: ExampleProfiles) -> dict[str, Any]:
    return {
        "scale": profiles.scale,
        "genes": list(profiles.genes),
        "values": [list(row) for row in profiles.values],
        "ids": list(IDS),
    }


def _drugs(profiles: ExampleProfiles) -> dict[str, Any]:
    return {"drugs": [profiles.drug]}

"""The frame of a ledger's page: a template of HTML with its style sheet."""

from __future__ import annotations

PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Claims tested on $cohort</title>
<style>
:root { color-scheme: light; --ink: #202124; --soft: #5f6368; --rule: #dadce0; }
* { box-sizing: border-box; }
body { font: 15px/1.5 "Liberation Sans", Arial, Helvetica, sans-serif; color: var(--ink);
  background: #fff; max-width: 1280px; margin: 0 auto; padding: 1.5rem 2rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .5rem; }
p { max-width: 78ch; margin: .5rem 0; }
.counts { list-style: none; display: flex; flex-wrap: wrap; gap: .8rem; padding: 0;
  margin: 1rem 0; }
.counts li { border: 1px solid var(--rule); border-left: .4rem solid var(--soft);
  padding: .45rem 1.1rem .45rem .8rem; }
.counts b { font-size: 1.5rem; margin-right: .25rem; font-variant-numeric: tabular-nums; }
.counts .supported { border-left-color: #009E73; }
.counts .contradicted { border-left-color: #CC79A7; }
.counts .inconclusive { border-left-color: #5f6368; }
.counts .not-testable { border-left-color: #dadce0; }
.warning { border: 2px solid #D55E00; padding: .5rem .8rem; font-weight: bold; }
figure { margin: 1rem 0; overflow-x: auto; }
figure svg { width: 100%; height: auto; min-width: 900px; display: block; }
figure svg text { font-family: "Liberation Sans", Arial, Helvetica, sans-serif !important; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .82rem; }
th { text-align: left; vertical-align: bottom; border-bottom: 2px solid var(--ink); }
th, td { padding: .3rem .75rem .3rem 0; }
td { vertical-align: top; border-bottom: 1px solid var(--rule); }
td.long { min-width: 15rem; overflow-wrap: anywhere; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; color: var(--soft); margin: .5rem 0; }
a { color: #00579c; }
</style>
</head>
<body>
<h1>Claims tested on $cohort</h1>
$simulated
<ul class="counts">$counts</ul>
<p>$reading</p>

<h2>How to read this</h2>
<p>A claim says what higher expression of a gene goes with. It is held against the Spearman
correlation of expression with sensitivity to the drug: above 0, higher expression is associated
with sensitivity. The verdict rests on the correlation <em>within lineages</em>, since tissues
differ in nearly every gene and in their response to nearly every drug: <b>supported</b> where its
whole 95% interval lies on the side that the claim names, <b>contradicted</b> where it lies on the
other, else <b>inconclusive</b>, which does not speak against a claim. The correlation over all
lines stands beside it and does not count. A claim about a class of drugs is held against the mean
over the drugs of the class that the cohort has; one about a process against the mean z of those of
its genes that the cohort measures. In a cohort of patients, lines are patients, lineages are types
of cancer, and sensitivity is a response to treatment.</p>
<p>Association in cell lines is not cause, and expression of untreated cells is not what a
treatment makes of it: a contradicted claim may well hold where it was made.</p>

<h2>What was measured</h2>
<figure>$forest
<figcaption>A line is one measurement, which several claims may share. Marks and intervals:
correlation within lineages (&#9656; associated with sensitivity, &#9666; with resistance,
&#9679; interval holds 0). Grey ticks: correlation over all lines.</figcaption></figure>

<h2>Contradicted claims</h2>
$contradicted

<h2>By gene or process</h2>
$by_gene

<h2>By drug</h2>
$by_drug

<h2>Every tested claim</h2>
$tested

<h2>Why the others could not be tested</h2>
<details><summary>Reasons, with how many claims each</summary>
$reasons
</details>

<p>Intervals: percentiles of $n_bootstrap draws of whole split groups (patients), seed
$random_state. p: Fisher's z of the correlation within lineages over its bootstrap standard
deviation. q: Benjamini-Hochberg over the distinct measurements.</p>
</body>
</html>
"""

/**
 * Necto's domain: what an offer is, what it costs, which one a job gets, and how anyone can check that later.
 *
 * Everything here is a pure function: no network, no clock, no randomness, nothing of Node. The same input gives the same bytes in Node and in a
 * browser, and the parts a contract computes too are tested against the same vectors (`core/vectors`).
 *
 *     Quote --normalise--> USD per GPU-hour --exclusionOf--> eligible --compare--> ranking --decide--> Decision
 *     Decision --buildRecord--> bytes --zeroGRoot, keccak256--> chain;   verify(bytes, chain) --> named checks
 *
 * Money is micro-USD in bigint, times are unix seconds, and all arithmetic of a decision is in integers.
 */
export { hardwareFromChain, pricingFromChain } from './chain/decode.ts';
export * from './chain/job.ts';
export type { ChainReader, JobReader, RegistryReader } from './chain/reader.ts';
export * from './chain/registry.ts';
export * from './decide/batch.ts';
export * from './decide/candidates.ts';
export * from './decide/decide.ts';
export * from './decide/decision.ts';
export * from './decide/exclusion.ts';
export * from './decide/filter.ts';
export * from './decide/rank.ts';
export * from './decide/split.ts';
export * from './gpu/canonical.ts';
export * from './gpu/catalogue.ts';
export { gpuCountIn } from './gpu/counted.ts';
export * from './gpu/near.ts';
export { namesSlice } from './gpu/slices.ts';
export * from './ids.ts';
export * from './json/canonical.ts';
export { isDated, oldestInput } from './market/age.ts';
export { type CostOfJob, costJson, jobCost } from './market/cost.ts';
export * from './market/doubt.ts';
export * from './market/history.ts';
export * from './market/market.ts';
export { byPrice, isBelievable, orderOf } from './market/order.ts';
export * from './market/priced.ts';
export * from './market/query.ts';
export * from './market/references.ts';
export * from './market/reliability.ts';
export { type OfferRow, quoteJson, viewOf } from './market/row.ts';
export * from './market/supply.ts';
export * from './market/volatility.ts';
export * from './money.ts';
export * from './normalise/normalise.ts';
export * from './normalise/step.ts';
export * from './offer/bounds.ts';
export * from './offer/inference.ts';
export * from './offer/median.ts';
export * from './offer/quote.ts';
export * from './offer/term.ts';
export * from './offer/tiers.ts';
export * from './offer/tokenPrice.ts';
export * from './offer/tokens.ts';
export * from './policy/policy.ts';
export * from './record/record.ts';
export { COUNTRIES, type Country, countryOf } from './region/countries.ts';
export * from './region/region.ts';
export * from './registry/check.ts';
export * from './registry/listing.ts';
export * from './registry/words.ts';
export * from './request/budget.ts';
export * from './request/chain.ts';
export * from './request/check.ts';
export * from './request/finding.ts';
export * from './request/payment.ts';
export * from './request/request.ts';
export * from './request/terms.ts';
export * from './snapshot/snapshot.ts';
export * from './tables.ts';
export { CHECK_IDS, CHECK_NAMES, type Check, type CheckId } from './verify/checks.ts';
export * from './verify/facts.ts';
export { snapshotHead, tokenQuestions } from './verify/head.ts';
export type { NotCheckable } from './verify/not-checkable.ts';
export * from './verify/verify.ts';
export { readWhole, wholeRange } from './whole.ts';
export * from './wire/agent.ts';
export * from './wire/client-address.ts';
export * from './wire/form.ts';
export * from './wire/market.ts';
export * from './zerog/root.ts';
export * from './zerog/size.ts';

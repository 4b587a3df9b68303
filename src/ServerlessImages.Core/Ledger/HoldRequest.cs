namespace ServerlessImages.Ledger;

/// <summary>What it takes to make a hold.</summary>
/// <param name="Id">The request's id. Another is taken when a write with it was lost: the hold's own id is the one that counts.</param>
/// <param name="Lifetime">After this the sweeper may give the money back: the request's deadline and a margin.</param>
public sealed record HoldRequest(string Id, Money Quote, Accounts.Plan Plan, TimeSpan Lifetime, RequestSummary Summary);

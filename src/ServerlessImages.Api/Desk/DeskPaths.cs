namespace ServerlessImages.Api.Desk;

/// <summary>The addresses of the operator's desk. Those of the operator API are below <c>/operator/v1</c>.</summary>
internal static class DeskPaths
{
    public const string Home = "/operator";
    public const string Live = "/operator/live";
    public const string Accounts = "/operator/accounts";
    public const string Abuse = "/operator/abuse";
    public const string Prices = "/operator/prices";
    public const string Books = "/operator/books";
    public const string Payments = "/operator/payments";
    public const string Incidents = "/operator/incidents";
    public const string Audit = "/operator/audit";
}

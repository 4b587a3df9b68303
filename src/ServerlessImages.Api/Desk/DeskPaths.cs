namespace ServerlessImages.Api.Desk;

/// <summary>The addresses of the operator's desk. Those of the operator API are below <c>/operator/v1</c>.</summary>
internal static class DeskPaths
{
    public const string Home = "/operator";
    public const string Revenue = "/operator/revenue";
    public const string Live = "/operator/live";
    public const string Accounts = "/operator/accounts";
    public const string Account = Accounts + "/{id}";
    public const string AccountKey = Account + "/keys/{keyId}";
    public const string Abuse = "/operator/abuse";
    public const string Prices = "/operator/prices";
    public const string NewPrice = Prices + "/{model}/new";
    public const string PricePreview = Prices + "/{model}/preview";
    public const string AddPrice = Prices + "/{model}";
    public const string Books = "/operator/books";
    public const string BooksOfDay = Books + "/{day}";
    public const string Payments = "/operator/payments";
    public const string Incidents = "/operator/incidents";
    public const string Audit = "/operator/audit";

    /// <param name="part">Such as <c>/keys</c>; "" for the account's first page.</param>
    public static string AccountOf(string id, string part = "") => $"{Accounts}/{Uri.EscapeDataString(id)}{part}";

    /// <param name="part">Such as <c>/revoke</c>.</param>
    public static string KeyOf(string id, string keyId, string part) => AccountOf(id, $"/keys/{Uri.EscapeDataString(keyId)}{part}");

    public static string AuditOf(string id) => $"{Audit}?account={Uri.EscapeDataString(id)}";

    public static string PriceOf(string model, string part) => $"{Prices}/{Uri.EscapeDataString(model)}{part}";

    public static string BooksOf(DateOnly day) => $"{Books}/{ServerlessImages.Books.BooksDay.Key(day)}";

    /// <summary>A page of a list, further on.</summary>
    public static string After(string page, string cursor) => $"{page}{(page.Contains('?', StringComparison.Ordinal) ? '&' : '?')}after={Uri.EscapeDataString(cursor)}";
}

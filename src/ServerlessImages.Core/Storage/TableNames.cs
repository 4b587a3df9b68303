namespace ServerlessImages.Storage;

/// <summary>Every table of the product; each key scheme is in the summary of the class that owns it.</summary>
public static class TableNames
{
    /// <summary>Balances, holds and entries: <c>LedgerRows</c>.</summary>
    public const string Ledger = "ledger";

    /// <summary>API keys by key id, and by account: <c>ApiKeyDirectory</c>, <c>KeyList</c>.</summary>
    public const string Keys = "keys";

    /// <summary>Accounts, the people who signed in, and who is in which: <c>AccountDirectory</c>, <c>People</c>, <c>MemberDirectory</c>, <c>Invitations</c>; and what of their notices was mailed: <c>MailedNotices</c>.</summary>
    public const string Accounts = "accounts";

    /// <summary>The ledger partitions that may have open holds or days: <c>OpenPartitions</c>.</summary>
    public const string Open = "open";

    /// <summary>The closed days of every account: <c>CloseBooks</c>; and what did not fit to the collector: <c>CollectorDifferences</c>.</summary>
    public const string Books = "books";

    /// <summary>What was used, added up by hour: <c>UsageRollups</c>.</summary>
    public const string Usage = "usage";

    /// <summary>What operators did: <c>AuditLog</c>.</summary>
    public const string Audit = "audit";

    /// <summary>Customers, automatic top-ups and what the collector announced: <c>Customers</c>, <c>AutoTopUps</c>, <c>BillingInbox</c>, <c>PostpaidAccounts</c>, <c>InvoiceRecords</c>, <c>ClosePeriods</c>, <c>DisputeStops</c>, <c>CloseAccount</c>, <c>RefundUnused</c>.</summary>
    public const string Billing = "billing";

    /// <summary>Pace, closing and breaker of each image deployment, how long drawing takes, and how requests ended: <c>DeploymentStates</c>, <c>ExpectedTimes</c>, <c>TrafficLog</c>.</summary>
    public const string Deployments = "deployments";

    /// <summary>The prices that operators added to those of the file: <c>PriceList</c>.</summary>
    public const string Prices = "prices";

    /// <summary>Where accounts want to be told of events, and what became of that: <c>WebhookRows</c>.</summary>
    public const string Webhooks = "webhooks";

    public static IReadOnlyList<string> All { get; } = [Ledger, Keys, Accounts, Open, Books, Usage, Audit, Billing, Deployments, Prices, Webhooks];
}

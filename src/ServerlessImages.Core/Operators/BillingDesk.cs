using ServerlessImages.Accounts;
using ServerlessImages.Billing;

namespace ServerlessImages.Operators;

/// <summary>What an operator can do to billing. Each act is in the <see cref="AuditLog"/> before it is done.</summary>
public sealed class BillingDesk(AuditLog audit, ISubscriptionCollector collector, PostpaidLimits limits, PostpaidAccounts accounts)
{
    /// <summary>Makes what usage is invoiced with, where it is not there. Calling again changes nothing.</summary>
    /// <returns>Or <c>billing_setup_differs</c>.</returns>
    public Task<Result<UsageCatalog>> SetUpAsync(OperatorIdentity who, CancellationToken cancel) =>
        audit.RunAsync(new(who, "set_up_billing", "", "product, meter and price", ""), _ => collector.SetUpAsync(CancellationToken.None), Told, cancel);

    /// <summary>Sets how much an account may owe. It may do so once it has a subscription; 0 takes that away. Calling again changes nothing.</summary>
    /// <exception cref="Ledger.LedgerUnavailableException">It is approved, and it is not known whether the ledger allows it: set it again.</exception>
    public async Task<PostpaidAccount> SetCreditLimitAsync(OperatorIdentity who, Account account, Money limit, string reason, CancellationToken cancel)
    {
        var before = (await accounts.FindAsync(account.Id, cancel))?.Account ?? new PostpaidAccount();
        var act = new OperatorAct(who, "set_credit_limit", account.Id, $"${limit}", reason) { Before = $"${before.Approved}" };
        return await audit.RunAsync(act, _ => limits.ChangeAsync(account.Id, postpaid => postpaid with { Approved = limit }, CancellationToken.None), postpaid => $"${postpaid.Limit} with the subscription {postpaid.Status}", cancel);
    }

    private static string Told(Result<UsageCatalog> result) => result.TryGet(out var catalog, out var error)
        ? string.Join(", ", new[] { catalog.Product, catalog.Meter, catalog.Price }.Select(each => (each.IsNew ? "made " : "found ") + each.Id))
        : error.Message;
}

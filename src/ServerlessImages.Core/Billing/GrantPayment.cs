using ServerlessImages.Accounts;
using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

public enum GrantOutcome
{
    /// <summary>Its credit is in the ledger, from now on or from before.</summary>
    Granted,

    /// <summary>The money is not there yet.</summary>
    NotPaid,

    /// <summary>The money is there, and is not what was ordered: it waits for the operator.</summary>
    Quarantined,
}

/// <param name="Sequence">Of the entry in the ledger; null if it was not granted.</param>
public sealed record GrantResult(GrantOutcome Outcome, long? Sequence);

/// <summary>Turns a payment into credit, once: the one way by which every path that hears of a payment grants, since its id is the grant's.</summary>
public sealed class GrantPayment(AccountLedger ledger, AccountDirectory accounts, Customers customers, BillingInbox inbox)
{
    /// <exception cref="LedgerUnavailableException">It is not known whether it was granted; grant again.</exception>
    public async Task<GrantResult> RunAsync(Payment payment, CancellationToken cancel)
    {
        if (!payment.IsPaid) return new(GrantOutcome.NotPaid, null);

        // What was laid aside is the operator's to settle: were its cause put right meanwhile, it would be granted beside what the operator does.
        if (await inbox.IsQuarantinedAsync(payment.Id, cancel)) return new(GrantOutcome.Quarantined, null);

        var exists = await accounts.FindAsync(payment.AccountId, cancel) is not null;
        var problem = payment.Problem(exists, exists && await customers.IsOrWasAsync(payment.AccountId, payment.CustomerId, cancel));
        if (problem is null)
        {
            var entry = await ledger.GrantAsync(new LedgerPartition(payment.AccountId, Livemode: true), payment.Id, payment.Amount);
            if (entry.Amount == payment.Amount) return new(GrantOutcome.Granted, entry.Sequence);
            problem = $"${entry.Amount} were granted for it before";
        }

        await inbox.QuarantineAsync(payment, problem, cancel);
        return new(GrantOutcome.Quarantined, null);
    }
}

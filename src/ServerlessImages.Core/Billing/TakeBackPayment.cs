using ServerlessImages.Accounts;
using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>Brings what went back of a payment into the ledger, and stops the account while a bank decides: each refund and dispute once, and what came back to us once too.</summary>
public sealed class TakeBackPayment(AccountLedger ledger, AccountDirectory accounts, DisputeStops stops, IPaymentCollector collector)
{
    /// <returns>How many refunds and disputes the payment has.</returns>
    /// <exception cref="LedgerUnavailableException">It is not known whether it was taken; do it again.</exception>
    public async Task<int> RunAsync(string paymentId, CancellationToken cancel)
    {
        var count = 0;
        foreach (var each in await collector.ReturnsAsync(paymentId, cancel))
        {
            if (await accounts.FindAsync(each.AccountId, cancel) is null) continue;
            if (each.Kind == ReturnKind.Dispute) await stops.SetAsync(each.AccountId, each.Id, each.IsOpen, cancel);
            if (each.Amount <= Money.Zero) continue;
            await TakeAsync(each, cancel);
            count++;
        }

        return count;
    }

    private async Task TakeAsync(PaymentReturn each, CancellationToken cancel)
    {
        var partition = new LedgerPartition(each.AccountId, Livemode: true);

        // One that failed before it was heard of was never taken, and there is nothing to give back.
        if (each.Failed) await ledger.ReverseAsync(partition, each.Id, cancel);
        else if (each.Kind == ReturnKind.Refund) await ledger.RefundAsync(partition, each.Id, each.PaymentId, each.Amount);
        else await ledger.DisputeAsync(partition, each.Id, each.PaymentId, each.Amount);
    }
}

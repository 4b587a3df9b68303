using ServerlessImages.Accounts;
using ServerlessImages.Ledger;

namespace ServerlessImages.Billing;

/// <summary>Brings what went back of a payment into the ledger, and stops the account while a bank decides: each refund and dispute once, and what came back to us once too.</summary>
public sealed class TakeBackPayment(AccountLedger ledger, AccountDirectory accounts, GrantPayment grant, DisputeStops stops, IPaymentCollector collector)
{
    /// <exception cref="LedgerUnavailableException">It is not known whether it was taken; do it again.</exception>
    public async Task RunAsync(string paymentId, CancellationToken cancel)
    {
        var returns = await collector.ReturnsAsync(paymentId, cancel);
        if (returns.Count == 0 || await collector.FindPaymentAsync(paymentId, cancel) is not { } payment) return;
        await StopAsync(returns, cancel);

        // What never became credit is not taken back; and a refund may be heard of before its payment.
        if ((await grant.RunAsync(payment, cancel)).Outcome != GrantOutcome.Granted) return;

        while (true)
        {
            foreach (var each in returns.Where(each => each.Amount > Money.Zero)) await TakeAsync(each, cancel);

            // One that failed meanwhile was perhaps looked at by another, who found nothing yet that could be given back.
            var after = await collector.ReturnsAsync(paymentId, cancel);
            if (after.SequenceEqual(returns)) return;
            returns = after;
            await StopAsync(returns, cancel);
        }
    }

    /// <summary>Also for a payment that is no credit: who disputes it may go on buying with a card that is not his.</summary>
    private async Task StopAsync(IReadOnlyList<PaymentReturn> returns, CancellationToken cancel)
    {
        foreach (var each in returns.Where(each => each.Kind == ReturnKind.Dispute))
        {
            if (await accounts.FindAsync(each.AccountId, cancel) is not null) await stops.SetAsync(each.AccountId, each.Id, each.IsOpen, cancel);
        }
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

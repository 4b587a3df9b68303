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
        returns = await StopAsync(paymentId, returns, cancel);

        // What never became credit is not taken back; and a refund may be heard of before its payment.
        if ((await grant.RunAsync(payment, cancel)).Outcome != GrantOutcome.Granted) return;

        foreach (var each in returns.Where(each => each.Amount > Money.Zero)) await TakeAsync(each, cancel);
    }

    /// <summary>Also for a payment that is no credit: whoever disputes one goes on buying with nothing else meanwhile.</summary>
    /// <returns>What went back as it was after the account was told.</returns>
    private async Task<IReadOnlyList<PaymentReturn>> StopAsync(string paymentId, IReadOnlyList<PaymentReturn> returns, CancellationToken cancel)
    {
        // The bank may decide meanwhile, and another may tell the account so before we tell it the contrary: told is what is so afterwards.
        for (IReadOnlyList<PaymentReturn> told = []; returns.Any(each => each.Kind == ReturnKind.Dispute) && !returns.SequenceEqual(told); returns = await collector.ReturnsAsync(paymentId, cancel))
        {
            told = returns;
            foreach (var each in returns.Where(each => each.Kind == ReturnKind.Dispute))
            {
                if (await accounts.FindAsync(each.AccountId, cancel) is not null) await stops.SetAsync(each.AccountId, each.Id, each.IsOpen, cancel);
            }
        }

        return returns;
    }

    private async Task TakeAsync(PaymentReturn each, CancellationToken cancel)
    {
        var partition = new LedgerPartition(each.AccountId, Livemode: true);

        // Also one that has failed already: whoever read it before that, and stood still, would else take it later, when nobody gives it back any more.
        if (each.Kind == ReturnKind.Refund) await ledger.RefundAsync(partition, each.Id, each.PaymentId, each.Amount);
        else await ledger.DisputeAsync(partition, each.Id, each.PaymentId, each.Amount);
        if (each.Failed) await ledger.ReverseAsync(partition, each.Id, cancel);
    }
}

using System.Globalization;
using ServerlessImages.Accounts;
using ServerlessImages.Billing;
using Stripe.Events;

namespace ServerlessImages.Stripe;

/// <summary>What Stripe tells of meter events that it took and does not count: codes, how many, and a few samples of each.</summary>
internal static class StripeUsageProblems
{
    private const int SamplesMax = 3;

    public static UsageProblem? Of(global::Stripe.V2.Core.Event? told) => told switch
    {
        V1BillingMeterErrorReportTriggeredEvent report => Of(report.Data.Reason.ErrorTypes.Select(each => new Refusal(each.Code, each.ErrorCount, [.. each.SampleErrors.Select(sample => sample.Request?.Identifier ?? "")]))),
        V1BillingMeterNoMeterFoundEvent report => Of(report.Data.Reason.ErrorTypes.Select(each => new Refusal(each.Code, each.ErrorCount, [.. each.SampleErrors.Select(sample => sample.Request?.Identifier ?? "")]))),
        _ => null,
    };

    private static UsageProblem Of(IEnumerable<Refusal> refusals)
    {
        var all = refusals.ToArray();

        // Our identifiers begin with the account.
        var account = all.SelectMany(each => each.Samples).Select(sample => sample.Split(':')[0]).FirstOrDefault(Account.IsId) ?? "";
        return new(account, string.Join("; ", all.Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Count} times {each.Code}, such as {string.Join(", ", each.Samples.Take(SamplesMax))}"))));
    }

    private sealed record Refusal(string Code, long Count, IReadOnlyList<string> Samples);
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ServerlessImages.Accounts;
using ServerlessImages.Keys;
using ServerlessImages.Operators;

namespace ServerlessImages.Local;

/// <summary>
/// The other rail, on an account of its own in each run: an operator approves a limit, the account subscribes on Stripe's page, owes an image, and ends its subscription,
/// which reports the hour that lasts at once instead of when it is over.
/// </summary>
internal sealed class PostpaidJourney(LocalProduct product)
{
    private const string PlanName = "trusted";

    /// <summary>What is approved.</summary>
    public static readonly Money Limit = Money.Dollars(10);

    /// <returns>Null in the last 40 minutes of a month, when no subscription begins.</returns>
    /// <exception cref="JourneyException">A step failed; the message says which.</exception>
    public async Task<ReportedUsage?> RunAsync(CancellationToken cancel)
    {
        var (account, key) = await TrustAsync(cancel);
        using var client = new HttpClient { BaseAddress = product.BaseUrl };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        if (!await SubscribeAsync(client, cancel)) return null;
        using var answer = await Journey.GenerateAsync(client, cancel);
        using var ended = await client.DeleteAsync(new Uri("/v1/billing/subscription", UriKind.Relative), cancel);
        if (!ended.IsSuccessStatusCode) throw new JourneyException($"The subscription was not ended: {await ended.Content.ReadAsStringAsync(cancel)}");

        // What Stripe has, not what we say that it has.
        var reports = product.Stripe.All("billing.meter_event").Where(each => each["identifier"]!.GetValue<string>().StartsWith(account + ":", StringComparison.Ordinal)).ToArray();
        if (reports is not [var report]) throw new JourneyException($"Stripe has {reports.Length} meter events of {account}, not one.");
        return new ReportedUsage(account, Journey.Dollars(answer.RootElement.GetProperty("cost").GetProperty("amount_usd")), report["identifier"]!.GetValue<string>(), Micros(report["payload"]!["value"]!.GetValue<string>()));
    }

    /// <summary>What an operator does: opens the account, makes the meter and the price where they are not there, and approves the limit.</summary>
    private async Task<(string Account, string Key)> TrustAsync(CancellationToken cancel)
    {
        var services = product.Services;
        var (desk, who, now) = (services.GetRequiredService<BillingDesk>(), new OperatorIdentity("local", "Local run"), services.GetRequiredService<TimeProvider>().GetUtcNow());
        if (!(await desk.SetUpAsync(who, cancel)).TryGet(out _, out var error)) throw new JourneyException($"Billing is not set up: {error.Message}");

        var account = new Account(services.GetRequiredService<IEntropy>().NextId("acct_", now), "Trusted demo", PlanName, now);
        await services.GetRequiredService<AccountDirectory>().OpenAsync(account, cancel);
        await desk.SetCreditLimitAsync(who, account, Limit, "demo", cancel);
        return (account.Id, (await services.GetRequiredService<MintApiKey>().RunAsync(account.Id, Scope.All, cancel)).Text);
    }

    private static async Task<bool> SubscribeAsync(HttpClient client, CancellationToken cancel)
    {
        using var opened = await client.PostAsJsonAsync("/v1/billing/checkout", new { mode = "subscription" }, cancel);
        if (opened.StatusCode == HttpStatusCode.ServiceUnavailable && opened.Headers.RetryAfter is not null) return false;

        await Journey.PayAsync(opened, cancel);
        var subscription = await client.GetFromJsonAsync<JsonElement>("/v1/billing/subscription", cancel);
        return subscription.GetProperty("status").GetString() == "active" ? true : throw new JourneyException($"The subscription is not active: {subscription.GetRawText()}");
    }

    private static Money Micros(string value) => new(long.Parse(value, System.Globalization.CultureInfo.InvariantCulture));
}

/// <summary>An image that an account owes, and what Stripe's meter was told of it.</summary>
/// <param name="MeterEventId">The meter event's identifier.</param>
internal sealed record ReportedUsage(string AccountId, Money Charge, string MeterEventId, Money Reported)
{
    public bool AddsUp => Charge > Money.Zero && Reported == Charge;
}

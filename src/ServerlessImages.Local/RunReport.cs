using System.Globalization;
using ServerlessImages.Local.Identity;

namespace ServerlessImages.Local;

/// <summary>What a run says. The journey goes to standard output; with JSON that is its one document, and all else goes to standard error.</summary>
internal sealed class RunReport(TextWriter output, TextWriter error, bool json)
{
    private TextWriter Prose => json ? error : output;

    public void Progress(string what) => error.WriteLine(what);

    public void Fail(string why) => error.WriteLine("Error: " + why);

    public void Tell(LocalProduct product, JourneyResult journey, PastRun? last, DateTimeOffset now)
    {
        var image = journey.Image;
        Prose.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""

            ServerlessImages on {{SiteOf(product)}}

              bought   ${{journey.TopUp}} of credit on the page of {{journey.CheckoutId}}
              asked    {{Journey.Model}}, {{Journey.Size}}, {{Journey.Quality}}: "{{Journey.Prompt}}"
              quote    ${{journey.Quote}}  the most it could cost, held before the call
              drawn    {{image.Size}} {{image.Format}}, {{journey.ImageBytes / 1024:N0}} KB, by the emulator
                       {{journey.ImageFile}}
              charge   ${{journey.Charge}}  {{journey.Usage.TextInput}} text + {{journey.Usage.Output}} image tokens at {{journey.PriceVersion}}
              balance  ${{journey.BalanceBefore}} → ${{journey.BalanceAfter}}
              request  {{journey.RequestId}}
              receipt  {{Receipt(journey)}}
              later    {{Owed(journey)}}
              {{Verdict(journey)}}

            {{Memory(product, last, now)}}
            """));
        if (json) output.WriteLine(journey.ToJson());
    }

    /// <summary>How to go on: only where there is something to go on with.</summary>
    public void Serving(LocalProduct product, JourneyResult journey) => Prose.WriteLine($$"""

        Again, with curl:

          curl {{SiteOf(product)}}/v1/images/generations \
            -H 'Authorization: Bearer {{journey.ApiKey}}' \
            -H 'Content-Type: application/json' \
            -d '{"model":"{{Journey.Model}}","prompt":"{{Journey.Prompt}}","size":"{{Journey.Size}}","quality":"{{Journey.Quality}}"}'

        {{Consoles(product)}}Serving until Ctrl+C.
        """);

    private static string Verdict(JourneyResult journey)
    {
        if (journey.AddsUp) return "✓ the credit is there, the charge is the price book's, the balance adds up, the receipt is signed, and Stripe has what is owed";
        if (journey.TopUp != Journey.TopUp) return $"✗ ${Journey.TopUp} were bought";
        if (journey.Charge != journey.ExpectedCharge) return $"✗ the price book says ${journey.ExpectedCharge}";
        if (journey.Postpaid is { AddsUp: false } postpaid) return $"✗ Stripe was told ${postpaid.Reported}, and ${postpaid.Charge} are owed";
        if (!journey.ReceiptIsRight) return "✗ the receipt is not signed, or says something else";
        return journey.KeptImageIsTheSame ? "✗ the balance does not add up" : "✗ the kept image is another one";
    }

    private static string Receipt(JourneyResult journey) => journey.Receipt is { } receipt
        ? string.Create(CultureInfo.InvariantCulture, $"/v1/receipts/{receipt.RequestId}  entry {receipt.Sequence} of the ledger, checked with /.well-known/jwks.json")
        : "not by a published key";

    private static string Owed(JourneyResult journey) => journey.Postpaid is { } postpaid
        ? $"${postpaid.Charge} owed by {postpaid.AccountId}, which has a limit of ${PostpaidJourney.Limit}\n           and told to Stripe's meter in the event {postpaid.MeterEventId}"
        : "nothing: in the last 40 minutes of a month no subscription begins";

    private static string SiteOf(LocalProduct product) => product.BaseUrl.AbsoluteUri.TrimEnd('/');

    private static string Consoles(LocalProduct product) => product.Identity is not { } identity ? "" : $$"""
        As a customer: {{SiteOf(product)}}/portal, where {{DemoPerson.Customer.Name}} owns the demo account.
        As an operator: {{SiteOf(product)}}/operator, or on the command line:

          export SERVERLESSIMAGES_URL={{SiteOf(product)}}
          export SERVERLESSIMAGES_TOKEN=$(curl -s {{new Uri(identity.Endpoint, "token")}} -d grant_type=client_credentials \
            -d client_id={{DemoPerson.Operator.Subject}} -d client_secret={{IdentityEmulator.ClientSecret}} | sed -n 's/.*"access_token": *"\([^"]*\)".*/\1/p')
          dotnet run --project src/ServerlessImages.Cli -- accounts list


        """;

    private static string Memory(LocalProduct product, PastRun? last, DateTimeOffset now) => last is null
        ? $"The first run in {product.Options.DataFolder}. What happens here is kept there."
        : string.Create(CultureInfo.InvariantCulture, $"Run {last.Number + 1} in {product.Options.DataFolder}. The last one, {Ago(now - last.At)} ago, was {last.RequestId} for ${last.ChargeUsd}.");

    private static string Ago(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{Math.Max(1, (int)time.TotalSeconds)} s",
        { TotalHours: < 1 } => $"{(int)time.TotalMinutes} min",
        { TotalDays: < 1 } => $"{(int)time.TotalHours} h",
        _ => $"{(int)time.TotalDays} days",
    };
}

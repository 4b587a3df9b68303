using ServerlessImages.Images;
using ServerlessImages.Pricing;

namespace ServerlessImages.Api.Pages.Site;

/// <summary>What one image would be quoted and charged at this moment, reckoned by the same code as a real one.</summary>
/// <param name="Lines">Of the charge: what, how much of it, and its amount. They add up to it.</param>
public sealed record ExampleBill(string Model, string PriceVersion, string Prompt, Money Quote, Money Charge, IReadOnlyList<(string Text, Money Amount)> Lines)
{
    /// <summary>Of the prompt below, as the models count it.</summary>
    private const long TextTokens = 10;

    private const string Fox = "A red fox checks its bill by candlelight";

    /// <returns>Null if the model has no price for that image, or none by the token.</returns>
    internal static ExampleBill? Of(SoldModel sold, Markup markup)
    {
        var request = new ImageRequest { Model = sold.Model, Prompt = Fox, Size = PriceRow.Size, Quality = sold.Model.Qualities[0] };
        var rate = sold.Price.For(markup);
        if (rate.PerToken is not { } tokens || !rate.Quote(request).TryGet(out var quote, out _)) return null;

        var usage = new TokenUsage(TextTokens, 0, sold.Model.OutputTokens.For(PriceRow.Size, request.Quality, 1));
        var charge = rate.Charge(request, quote, new Delivery(Returned: 1, Delivered: 1, PriceRow.Size, request.Quality, usage, PartialImages: 0));
        return new(sold.Model.Id, rate.PriceVersion, Fox, quote.Amount, charge.Amount, [($"{usage.TextInput} text tokens", tokens.TextInput.Charge(usage.TextInput)), ($"{usage.Output} image tokens", tokens.Output.Charge(usage.Output))]);
    }
}

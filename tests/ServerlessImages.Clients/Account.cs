using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ServerlessImages.Clients;

/// <summary>What the API says about the money of a key's account.</summary>
internal static class Account
{
    /// <summary>What can be spent, in US dollars: an open hold makes it less.</summary>
    public static async Task<decimal> BalanceAsync(LocalProgram product)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", product.ApiKey) } };
        var balance = await client.GetFromJsonAsync<JsonElement>(new Uri(product.V1, "/v1/balance"), TestContext.Current.CancellationToken);
        return Dollars(balance.GetProperty("available_usd").GetString()!);
    }

    public static decimal Dollars(string amount) => decimal.Parse(amount, CultureInfo.InvariantCulture);
}

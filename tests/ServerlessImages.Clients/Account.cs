using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace ServerlessImages.Clients;

/// <summary>What the API says about the money of a key's account.</summary>
internal static class Account
{
    /// <summary>What can be spent, in US dollars: an open hold makes it less.</summary>
    public static async Task<decimal> BalanceAsync(LocalProgram product) => Dollars((await GetAsync(product, "/v1/balance")).GetProperty("available_usd").GetString()!);

    /// <summary>What the latest request cost, in US dollars, for clients that do not show it.</summary>
    public static async Task<decimal> LatestCostAsync(LocalProgram product)
    {
        var latest = (await GetAsync(product, "/v1/requests?limit=1")).GetProperty("data")[0];
        return Dollars(latest.GetProperty("cost").GetProperty("amount_usd").GetString()!);
    }

    public static decimal Dollars(string amount) => decimal.Parse(amount, CultureInfo.InvariantCulture);

    private static async Task<JsonElement> GetAsync(LocalProgram product, string path)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", product.ApiKey) } };
        return await client.GetFromJsonAsync<JsonElement>(new Uri(product.V1, path), TestContext.Current.CancellationToken);
    }
}

using System.Net;
using System.Text.RegularExpressions;
using ServerlessImages.Tests.Api;

namespace ServerlessImages.Tests.Portal;

/// <summary>Somebody at a browser: keeps cookies, follows links, and sends the forms that pages have.</summary>
internal sealed partial class PortalBrowser(Product product) : IDisposable
{
    private readonly CookieContainer cookies = new();
    private HttpClient? http;

    public HttpClient Http => http ??= new(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = product.Local.BaseUrl };

    public CookieCollection Cookies => cookies.GetCookies(product.Local.BaseUrl);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<Page> GetAsync(string address) => FollowAsync(new HttpRequestMessage(HttpMethod.Get, address));

    /// <summary>Sends the page's form on, as it is, with these fields more.</summary>
    public Task<Page> SubmitAsync(Page page, params (string Name, string Value)[] fields) => FollowAsync(new HttpRequestMessage(HttpMethod.Post, page.Action)
    {
        Content = new FormUrlEncodedContent([.. page.Hidden, .. fields.Select(each => KeyValuePair.Create(each.Name, each.Value))]),
    });

    /// <summary>From nothing to the page that one wanted: signs in as a person of the provider, and accepts the terms if asked.</summary>
    public async Task<Page> SignInAsync(string person = "", string address = "", string page = "/portal")
    {
        var asked = await GetAsync(page);
        var provider = await GetAsync(asked.Links.Single(link => link.Contains("/sign-in/start", StringComparison.Ordinal)));
        var back = await SubmitAsync(provider, ("person", person), ("address", address));
        return back.Path == "/portal/terms" ? await SubmitAsync(back, ("accept", "on")) : back;
    }

    public void Dispose() => http?.Dispose();

    private async Task<Page> FollowAsync(HttpRequestMessage request)
    {
        for (var hops = 0; ; hops++)
        {
            using var response = await Http.SendAsync(request, Cancel);
            var at = response.RequestMessage!.RequestUri!;
            if ((int)response.StatusCode is < 300 or >= 400) return new Page(response.StatusCode, at, await response.Content.ReadAsStringAsync(Cancel), string.Join(' ', response.Headers.TryGetValues("Content-Security-Policy", out var policy) ? policy : []));
            Assert.True(hops < 10, $"{at} leads nowhere.");
            request = new HttpRequestMessage(HttpMethod.Get, new Uri(at, response.Headers.Location!));
        }
    }

    internal sealed partial record Page(HttpStatusCode Status, Uri Address, string Html, string Policy)
    {
        public string Path => Address.AbsolutePath;

        public Uri Action => new(Address, FirstForm().Match(Html) is { Success: true } form && form.Groups["action"].Success ? WebUtility.HtmlDecode(form.Groups["action"].Value) : Address.PathAndQuery);

        /// <summary>The page from one of its forms on, so that this is the first.</summary>
        public Page Form(string action) => Html.IndexOf($"<form method=\"post\" action=\"{action}\"", StringComparison.Ordinal) is >= 0 and var start
            ? this with { Html = Html[start..] }
            : throw new InvalidOperationException($"{Address} ({Status}) has no form to {action}: {Html}");

        public IEnumerable<string> Links => Link().Matches(Html).Select(each => WebUtility.HtmlDecode(each.Groups["href"].Value));

        /// <summary>Of the first form.</summary>
        public IEnumerable<KeyValuePair<string, string>> Hidden => Field().Matches(Html.Split("</form>")[0]).Select(each => KeyValuePair.Create(each.Groups["name"].Value, WebUtility.HtmlDecode(each.Groups["value"].Value)));

        [GeneratedRegex("<form method=\"post\"( action=\"(?<action>[^\"]*)\")?", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex FirstForm();

        [GeneratedRegex("<a [^>]*href=\"(?<href>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex Link();

        [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
        private static partial Regex Field();
    }
}

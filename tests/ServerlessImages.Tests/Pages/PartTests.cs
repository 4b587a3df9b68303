using ServerlessImages.Api.Pages;
using ServerlessImages.Api.Pages.Layouts;
using ServerlessImages.Api.Pages.Parts;

namespace ServerlessImages.Tests.Pages;

/// <summary>What pages are made of.</summary>
public sealed class PartTests
{
    [Theory]
    [InlineData(7_412, false, "<data class=\"money\" value=\"0.007412\">$0.00<span class=\"micro\">7412</span></data>")]
    [InlineData(1_234_567_890_123, false, "<data class=\"money\" value=\"1234567.890123\">$1,234,567.89<span class=\"micro\">0123</span></data>")]
    [InlineData(288, true, "<data class=\"money\" value=\"0.000288\">&#x2B;$0.00<span class=\"micro\">0288</span></data>")]
    [InlineData(0, true, "<data class=\"money\" value=\"0.000000\">$0.00<span class=\"micro\">0000</span></data>")]
    [InlineData(-5_990_000, false, "<data class=\"money negative\" value=\"-5.990000\">&#x2212;$5.99<span class=\"micro\">0000</span></data>")]
    public async Task An_amount_is_shown_to_the_micro_dollar_and_never_rounded(long micros, bool signed, string html)
    {
        var shown = await Rendered.AsHtmlAsync<Amount>((nameof(Amount.Value), new Money(micros)), (nameof(Amount.Signed), signed));

        Assert.Equal(html, shown.Trim().Replace("−", "&#x2212;", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_form_carries_the_visitors_token_and_without_one_none()
    {
        var signedIn = await Rendered.AsHtmlAsync<PostForm>(new FormToken("csrf", "s3\"cret"), (nameof(PostForm.ChildContent), Rendered.Text("…")));
        var anyone = await Rendered.AsHtmlAsync<PostForm>((nameof(PostForm.ChildContent), Rendered.Text("…")));

        Assert.Contains("<input type=\"hidden\" name=\"csrf\" value=\"s3&quot;cret\"", signedIn, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", anyone, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_names_its_hint_and_its_error_to_a_screen_reader()
    {
        var wrong = await Rendered.AsHtmlAsync<Field>((nameof(Field.Id), "budget"), (nameof(Field.Label), "Budget"), (nameof(Field.Hint), "In dollars."), (nameof(Field.Error), "Not <below> 0."));
        var right = await Rendered.AsHtmlAsync<Field>((nameof(Field.Id), "budget"), (nameof(Field.Label), "Budget"));

        Assert.Contains("aria-describedby=\"budget-hint budget-error\" aria-invalid=\"true\"", wrong, StringComparison.Ordinal);
        Assert.Contains("Not &lt;below&gt; 0.", wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("aria-", right, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chart_has_its_numbers_as_data_and_as_a_table()
    {
        DateTimeOffset[] days = [Sample.Now, Sample.Now.AddDays(1)];
        var html = await Rendered.AsHtmlAsync<Chart>((nameof(Chart.Title), "Spend"), (nameof(Chart.Summary), "Two days."), (nameof(Chart.Unit), ChartUnit.Dollars), (nameof(Chart.Times), days), (nameof(Chart.Series), new ChartSeries[] { new("</script>\"x", [0.007412m, null]) }));

        Assert.Contains("[0.007412,null]", html, StringComparison.Ordinal);
        Assert.DoesNotContain("</script>", html, StringComparison.Ordinal);
        Assert.Contains("<td class=\"number\">$0.007412</td>", html, StringComparison.Ordinal);
        Assert.Contains("<td class=\"number\">–</td>", html.Replace("&#x2013;", "–", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_menu_marks_the_longest_link_that_leads_to_the_page()
    {
        MenuItem[] items = [new("Overview", "/portal"), new("Keys", "/portal/keys"), new("Other", "/port")];
        var html = await Rendered.AsHtmlAsync<Menu>((nameof(Menu.Id), "menu"), (nameof(Menu.Label), "Portal"), (nameof(Menu.Items), items));

        Assert.Contains("<a href=\"/portal/keys\" aria-current=\"page\">Keys</a>", html, StringComparison.Ordinal);
        Assert.Equal(2, html.Split("aria-current").Length);
    }
}

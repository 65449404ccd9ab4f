import type { Texts } from "./en.ts";

/** Japanese. */
export const ja: Texts = {
  language: "ja",
  direction: "ltr",

  allowTitle: "{server} へのアクセスを許可しますか？",
  headline: "{client} が {server} へのアクセスを求めています",
  unnamedClient: "アプリケーション",
  verifiedDomain: "{host}（確認済み）は {client} と名乗っています。",
  verifiedUnnamed: "{host}（確認済み）がアクセスを求めています。",
  unverifiedWeb: "{host} に戻ります。アプリケーションの名前は誰も確認していません。",
  loopback: "これはこのコンピューター上のプログラムです。このコンピューターで自分が開始した場合にのみ続けてください。",
  loopbackPort:
    "これはこのコンピューター上のプログラムです（ポート {port}）。このコンピューターで自分が開始した場合にのみ続けてください。",
  privateScheme: "これは {scheme} リンクを開くアプリです。信頼できるアプリで自分が開始した場合にのみ続けてください。",
  answerAgain: "もう一度お答えください。このページを表示したことをブラウザーが確認しませんでした。",
  answerAgainHelp:
    "再び表示される場合は、このサイトの Cookie を許可するか、普段お使いのブラウザーで{link}を開いてください。",
  thisAddress: "このアドレス",

  permissions: "許可すると、次のことができます。",
  noPermissions: "特定の権限は求めていません。",
  alwaysNeeded: "常に必要",
  writes: "データを変更できます",
  deletes: "データを削除できます",
  scopeOpenid: "あなたが誰であるかを知る",
  scopeProfile: "あなたの名前と写真を見る",
  scopeEmail: "あなたのメールアドレスを見る",
  scopeAddress: "あなたの住所を見る",
  scopePhone: "あなたの電話番号を見る",
  scopeOfflineAccess: "あなたの不在中も接続を保つ",

  signIn: "「許可」を選ぶと、{provider} でサインインします。パスワードが見えるのはそのサイトだけです。",
  anotherAccount: "別のアカウントを使う",
  deny: "拒否",
  allow: "許可",
  lasts: "アクセスは、遅くともサインインから {duration}後に終了します。",
  endEarlier: "早く終了するには、アプリケーションでこのサーバーの接続を解除してください。",
  details: "詳細",
  redirectUri: "戻り先",
  describedAt: "アプリケーションの説明の提供元",
  resource: "このサーバーのアドレス",

  connectedTitle: "接続しました",
  connectedText: "{server} にサインインしました。アプリケーションに戻ってください。",
  deniedTitle: "アクセスを拒否しました",
  deniedText: "アプリケーションは {server} にアクセスできません。",
  failedTitle: "接続していません",
  failedText: "{server} へのサインインに失敗しました。理由はアプリケーションに表示されます。",
  returnToApplication: "アプリケーションに戻る",
  opensLinks: "{scheme} リンクのアプリが開きます。その後、このページは閉じてかまいません。",
  answerExpiredTitle: "ここで答えることはありません",
  answerExpiredText: "このアドレスの質問は、すでに回答されたか期限切れです。アプリケーションでもう一度始めてください。",
  expiredTitle: "ログインの期限が切れました",
  expiredText: "{server} へのログインに時間がかかりすぎました。アプリケーションからやり直してください。",
  unregisteredTitle: "アプリケーションが登録されていません",
  unregisteredText:
    "{server} はこのアプリケーションを認識できません。アプリケーションでこのサーバーを削除し、もう一度追加してください。",
  blockedTitle: "アプリケーションはブロックされています",
  blockedText: "{server} の運営者がこのアプリケーションをブロックしました。データは共有されていません。",
  notAllowedTitle: "アプリケーションは許可されていません",
  notAllowedText:
    "{server} は、このアプリケーションまたはそのアドレスを許可しなくなりました。データは共有されていません。",
  badAddressTitle: "このアドレスは使用できません",
  badAddressText:
    "アプリケーションは、{server} が受け付けないアドレスにあなたを移動させようとしています。データは共有されていません。アプリケーションでこのサーバーを削除し、もう一度追加してください。",
  badRequestTitle: "このリクエストは使用できません",
  badRequestText:
    "アプリケーションが送信したリクエストを {server} は使用できません。データは共有されていません。アプリケーションからやり直してください。",
  pageExpiredTitle: "ページの期限が切れました",
  pageExpiredText: "このページにはもう回答できません。質問をもう一度開くか、アプリケーションからやり直してください。",
  otherBrowserTitle: "このログインを開始したブラウザではありません",
  otherBrowserText:
    "このログインは別のブラウザで開始されたか、すでに完了しています。データは共有されていません。誰かがこのリンクを送ってきた場合は、このページを閉じてください。そうでない場合は、アプリケーションからやり直してください。アプリケーションが開くブラウザで Cookie を許可し、ログインしてください。",
  loginUsedTitle: "ログインはすでに完了しています",
  loginUsedText:
    "このログインはすでに使用されています。アプリケーションが接続されていない場合は、アプリケーションからやり直してください。接続されている場合は、このページを閉じてください。",
  providerFailedTitle: "このログインを完了できません",
  providerFailedText:
    "ログインしたサイトが送信した応答を {server} は使用できません。データは共有されていません。アプリケーションからやり直してください。繰り返し起こる場合は、{server} の運営者に連絡してください。",
  tooManyTitle: "リクエストが多すぎます",
  tooManyText: "お使いのネットワークからのリクエストが多すぎます。1 分待ってから、もう一度お試しください。",
  unavailableTitle: "現在利用できません",
  unavailableText: "現在 {server} にログインできません。しばらく待ってから、もう一度お試しください。",
  mistakeText:
    "アプリケーションが、誤りのあるリクエストであなたをここに移動させました。データは共有されていません。このアプリケーションを今使っていて、信頼している場合にのみ戻ってください。",
  mistakeLeads: "リンク先は {host} です。このアドレスの所有者は誰も確認していません。",
  mistakeOpens: "リンクは {scheme} のアプリを開きます。このアプリの所有者は誰も確認していません。",
  wentWrongTitle: "問題が発生しました",
  wentWrongText:
    "{server} は応答できませんでした。もう一度お試しください。繰り返し起こる場合は、{server} の運営者に連絡してください。",

  tryAgain: "もう一度試す",
  openAgain: "質問をもう一度開く",
  howToConnect: "接続方法",
  getHelp: "ヘルプを見る",
  forDevelopers: "開発者向けの詳細",
  reference: "運営者向けの参照番号：{reference}",

  landingTitle: "{server} に接続する",
  landingWhat:
    "これは MCP サーバーのアドレスです。このアドレスを追加した AI アプリケーションは、あなたの代わりに {server} を利用できます。",
  landingAddress: "コピーするアドレス",
  landingAsks:
    "追加するときに、ログインして、アプリケーションに許可する内容を選びます。後で終了するには、アプリケーションでこのサーバーを削除してください。",
  landingClaude: "「カスタマイズ」を開き、「コネクタ」に進みます。カスタムコネクタを追加し、アドレスを貼り付けます。",
  landingChatGpt:
    "設定を開き、「アプリとコネクター」に進みます。詳細設定で開発者モードをオンにします。コネクターを作成し、アドレスを貼り付けます。",
  landingTerminal: "ターミナルで次を実行します。",
  landingFile: "ホームフォルダーの {file} に次を追加します。",

  operatedBy: "運営者：{operator}",
  help: "ヘルプ",
  privacy: "プライバシー",
  terms: "利用規約",
};
